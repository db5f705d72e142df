# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the host_certificate module, which has the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..module_utils._host_certificate.parameters import ARGUMENTS, required_if
from ..plugin_utils._certificate_authority import CertificateAuthority
from ..plugin_utils._issuing import IssuingAction, site_files


class ActionModule(IssuingAction):
    """Has a certificate issued if the host wants one, or brings the site's, and has it put into its places.

    With ``state: revoked`` no host is asked: those that have left may be dead.
    """

    _ARGUMENTS = ARGUMENTS
    _REQUIRED_IF = required_if()

    def _issued(
        self, args: dict[str, Any], there: dict[str, Any], task_vars: dict[str, Any]
    ) -> dict[str, Any]:
        if args["state"] == "present":
            return super()._issued(args, there, task_vars)
        authority = CertificateAuthority(Path(self._loader.path_dwim(args["authority_directory"])))
        serials = authority.revocable(args["names"]) if authority.trust() else []
        if serials and not self._task.check_mode:
            authority.revoke(serials)
        revoked = [f"{serial:x}" for serial in serials]
        return {
            "changed": bool(revoked),
            "revoked": revoked,
            "commands": [f"revoke certificate {serial}" for serial in revoked],
        }

    def _from_control_node(self, args: dict[str, Any]) -> dict[str, Any]:
        if not args["files"] or args["place"] != "control_node":
            return {}
        return {"brought": site_files(self._loader, args["files"])}
