# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the host_certificate module, which has the documentation."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils.engine.errors import CollectionError
from ..module_utils.host_certificate.parameters import OF_THE_CONTROL_NODE
from ..plugin_utils.issuing import IssuingAction, site_files


class ActionModule(IssuingAction):
    """Has a certificate issued if the host wants one, or brings the site's, and has it put into its places."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "names": {"type": "list", "elements": "str", "required": True},
                "ca": {"type": "str", "required": True},
                "certificate": {"type": "str", "required": True},
                "private_key": {"type": "str", "required": True, "no_log": False},
                "copies": {"type": "list", "elements": "dict", "default": []},
                "files": {"type": "dict"},
                "place": {"type": "str", "choices": ["host", "control_node"], "default": "host"},
                "unit": {"type": "str", "default": "Services"},
                "authority_directory": {"type": "str"},
                "authority_name": {"type": "str", "default": "stackwright.nova"},
                "days": {"type": "int", "default": 825},
                "renew_days": {"type": "int", "default": 90},
            },
            required_one_of=[("authority_directory", "files")],
        )
        there = {
            name: value
            for name, value in args.items()
            if name not in OF_THE_CONTROL_NODE and value is not None
        }
        try:
            if args["files"] and args["place"] == "control_node":
                there["brought"] = site_files(self._loader, args["files"])
            return self._issued(args, there, task_vars or {})
        except CollectionError as error:
            message = str(error)
        raise AnsibleActionFail(message)
