# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few facts that the roles need, found out as Ansible's own setup does, without a task for it."""

from __future__ import annotations

import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.facts.system.distribution import Distribution

from .state import FACTS


def platform_facts(module: AnsibleModule) -> dict[str, str]:
    """Distribution, its major version and the host's own name, with the prefix that facts have in results."""
    found = {**Distribution(module).get_distribution_facts(), "nodename": os.uname().nodename}
    return {f"ansible_{name}": str(found[name]) for name in FACTS if name in found}
