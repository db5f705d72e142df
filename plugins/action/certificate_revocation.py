# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the certificate_revocation module, which has the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import CollectionError
from ..plugin_utils._certificate_authority import CertificateAuthority


class ActionModule(ActionBase):
    """Revokes what the authority has issued for these names."""

    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "authority_directory": {"type": "str", "required": True},
                "names": {"type": "list", "elements": "str", "required": True},
            }
        )
        authority = CertificateAuthority(Path(self._loader.path_dwim(args["authority_directory"])))
        try:
            serials = authority.revocable(args["names"]) if authority.trust() else []
            if serials and not self._task.check_mode:
                authority.revoke(serials)
        except CollectionError as error:
            message = str(error)
        else:
            revoked = [f"{serial:x}" for serial in serials]
            return {
                "changed": bool(revoked),
                "revoked": revoked,
                "commands": [f"revoke certificate {serial}" for serial in revoked],
            }
        raise AnsibleActionFail(message)
