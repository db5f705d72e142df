# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the host_certificate module, which has the documentation."""

from __future__ import annotations

from typing import Any

from ..module_utils._host_certificate.parameters import ARGUMENTS
from ..plugin_utils._issuing import IssuingAction, site_files


class ActionModule(IssuingAction):
    """Has a certificate issued if the host wants one, or brings the site's, and has it put into its places."""

    _ARGUMENTS = ARGUMENTS

    def _from_control_node(self, args: dict[str, Any]) -> dict[str, Any]:
        if not args["files"] or args["place"] != "control_node":
            return {}
        return {"brought": site_files(self._loader, args["files"])}
