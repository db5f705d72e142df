#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: guest_image
short_description: Build the guest that proves a cloud
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Builds a guest of 16 MB that boots by itself, in Nova or anywhere else. On its console it says its kernel, the
    address that DHCP gave it and what the metadata service said, and under port 80 it answers with its instance's
    identity. M(stackwright.nova.instance_proof) boots it.
  - It is made of Debian's kernel for clouds, static busybox and two scripts. The packages, and those with which the
    disk is made, are downloaded and unpacked in a temporary folder, which is gone afterwards; none is installed.
  - One that was built before stays, whatever kernel it has, until another version of this collection builds another
    guest. Remove the directory to rebuild it.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
  directory:
    description: Directory for the guest's files. It is made.
    type: path
    default: /var/cache/stackwright/guest
notes:
  - Needs a host with Debian's apt-get, a mirror with its packages, and an x86 processor. It need not be root, where the
    directory belongs to the user and the lists of packages are new enough.
seealso:
  - module: stackwright.nova.instance_proof
"""

EXAMPLES = r"""
- name: Build the guest on the control node
  stackwright.nova.guest_image:
    directory: "{{ lookup('ansible.builtin.env', 'HOME') }}/guest"
  delegate_to: localhost
"""

RETURN = r"""
files:
  description: The paths of the guest's files.
  type: dict
  returned: success
  contains:
    disk:
      description: The disk, which boots by itself.
      type: str
      sample: /var/cache/stackwright/guest/disk.qcow2
    kernel:
      description: The kernel that is on it.
      type: str
      sample: /var/cache/stackwright/guest/kernel
    initramfs:
      description: The initramfs that is on it.
      type: str
      sample: /var/cache/stackwright/guest/initramfs
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: [apt-get update]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._guest_image.operation import build
from ..module_utils._guest_image.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
