# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the compute_identity module, which has the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils.compute_identity.parameters import OF_THE_CONTROL_NODE, Trust
from ..module_utils.engine.errors import CollectionError
from ..plugin_utils.certificate_authority import CertificateAuthority


class ActionModule(ActionBase):
    """Asks the host what it has, has a certificate issued if it wants one, and brings it there."""

    _supports_check_mode = True

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

    def _issued(
        self, args: dict[str, Any], there: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        if args["files"]:
            return self._without_request(self._execute_module(module_args=there, task_vars=task_vars))
        authority = CertificateAuthority(Path(self._loader.path_dwim(args["authority_directory"])))
        trust = authority.trust()
        made = trust is None
        if trust is None:
            trust = Trust("", "") if self._task.check_mode else authority.create(args["authority_name"])
        there["authority"] = {"certificate": trust.certificate, "revoked": trust.revoked}
        result: dict[str, Any] = self._execute_module(module_args=there, task_vars=task_vars)
        if result.get("request"):
            there["issued"] = authority.issue(result["request"], args["names"], args["unit"], args["days"])
            asked, result = result, self._execute_module(module_args=there, task_vars=task_vars)
            if not result.get("failed"):
                result["commands"] = [*asked["commands"], *result["commands"]]
                result["changed"] = asked["changed"] or result["changed"]
                if "diff" in asked:
                    result["diff"] = [asked["diff"], result["diff"]]
        if made and not result.get("failed"):
            result["changed"] = True
        return self._without_request(result)

    def _without_request(self, result: dict[str, Any]) -> dict[str, Any]:
        result.pop("request", None)
        return result
