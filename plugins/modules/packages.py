#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: packages
short_description: Install packages without starting their services
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Installs the packages that are missing, without those that they only recommend, by apt-get or, on hosts without
    dpkg, by dnf. Services are kept from starting (C(/usr/sbin/policy-rc.d)) until the call is over, so that they can be
    configured first; packages of the Red Hat family start none.
  - What is there is read from dpkg or rpm in one pass. Where nothing is missing, no mirror is asked.
  - What a cut dpkg left behind is repaired first, whoever called it; packages that it left half unpacked are installed
    again. What it cannot configure although nothing is missing is reported as a warning. Configuration files that were
    edited stay as they are.
extends_documentation_fragment: stackwright.nova.attributes
options:
  packages:
    description: The packages, by name. One that an installed package provides counts as installed.
    type: list
    elements: str
    required: true
  cache_valid_time:
    description:
      - Lists of packages that are older (in seconds) are refreshed before anything is installed.
      - dnf uses its own settings instead.
    type: int
    default: 86400
  lock_timeout:
    description:
      - Seconds to wait for another package manager to finish. The error then says who holds the lock.
      - dnf waits by itself, however long that takes.
    type: int
    default: 300
notes:
  - Needs neither the lists of packages nor Python's bindings of apt to predict what would be installed.
seealso:
  - module: ansible.builtin.apt
    description: >-
      It may start services as it installs; this module keeps them stopped, and predicts without the lists of
      packages.
  - module: ansible.builtin.dnf
"""

EXAMPLES = r"""
- name: Install Nova Compute, and start it later
  stackwright.nova.packages:
    packages: [nova-compute, nova-compute-kvm]
"""

RETURN = r"""
packages:
  description: The packages that are (or would be) there.
  type: list
  elements: str
  returned: success
  sample: [nova-compute, nova-compute-kvm]
installed:
  description: Those that were (or would be) installed by this call, half unpacked ones among them.
  type: list
  elements: str
  returned: success
  sample: [nova-compute-kvm]
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: [apt-get update, apt-get --assume-yes --no-install-recommends install nova-compute-kvm]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._packages.operation import build
from ..module_utils._packages.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
