# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few facts that the roles need, called as setup calls them, without the import of all that setup can collect."""

from __future__ import annotations

import os

from ansible.module_utils.common.sys_info import get_distribution, get_distribution_version

from .state import FACTS

# Where setup writes a name in another way.
_NAMES = {"Almalinux": "AlmaLinux", "Centos": "CentOS", "Oracle": "OracleLinux", "Redhat": "RedHat"}


def platform_facts() -> dict[str, str]:
    """Distribution, its major version and the host's own name, with the prefix that facts have in results."""
    distribution = get_distribution()
    found = {
        "distribution": _NAMES.get(distribution, distribution),
        "distribution_major_version": (get_distribution_version() or "").partition(".")[0],
        "nodename": os.uname().nodename,
    }
    return {f"ansible_{name}": found[name] for name in FACTS}
