# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the nova_conf_ini module, which has the documentation."""

from __future__ import annotations

from ..plugin_utils._releases_on_request import ReleasesOnRequest


class ActionModule(ReleasesOnRequest):
    """Runs the module, and answers it."""
