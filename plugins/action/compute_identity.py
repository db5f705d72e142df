# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the compute_identity module, which has the documentation."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils.compute_identity.parameters import OF_THE_CONTROL_NODE
from ..module_utils.engine.errors import CollectionError
from ..plugin_utils.issuing import IssuingAction


class ActionModule(IssuingAction):
    """Asks the host what it has, has a certificate issued if it wants one, and brings it there."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "names": {"type": "list", "elements": "str", "required": True},
                "unit": {"type": "str", "default": "Nova Compute"},
                "authority_directory": {"type": "str"},
                "authority_name": {"type": "str", "default": "stackwright.nova"},
                "days": {"type": "int", "default": 825},
                "renew_days": {"type": "int", "default": 90},
                "files": {"type": "dict"},
                "emulator_group": {"type": "str", "required": True},
                "user": {"type": "str", "default": "nova"},
            },
            required_one_of=[("authority_directory", "files")],
        )
        there = {
            name: value
            for name, value in args.items()
            if name not in OF_THE_CONTROL_NODE and value is not None
        }
        try:
            return self._issued(args, there, task_vars or {})
        except CollectionError as error:
            message = str(error)
        raise AnsibleActionFail(message)
