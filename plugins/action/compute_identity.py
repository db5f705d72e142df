# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the compute_identity module, which has the documentation."""

from __future__ import annotations

from ..module_utils._compute_identity.parameters import ARGUMENTS
from ..plugin_utils._issuing import IssuingAction


class ActionModule(IssuingAction):
    """Asks the host what it has, has a certificate issued if it wants one, and brings it there."""

    _ARGUMENTS = ARGUMENTS
