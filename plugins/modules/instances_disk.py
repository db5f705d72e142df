#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: instances_disk
short_description: Dedicate a disk to instances
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Creates one partition on a blank disk, and a file system on it. Mounts that where Nova keeps its instances, now and
    at each boot (C(/etc/fstab), by its UUID), and makes Nova's user its owner.
  - Only a blank disk is formatted. A disk in use is refused, and so is one that does not begin with zeros. So is
    one on which C(wipefs) finds a partition table, a file system, LVM, RAID or swap. The error says what is on it.
  - The partition has a separate name as long as its file system is not complete, so a run that was cut is completed
    by the next one. A disk that is mounted there already stays as it is.
  - A folder in which something lies is refused, because a file system that is mounted over it would hide that.
  - In check mode for a blank disk RV(uuid) is empty.
extends_documentation_fragment: stackwright.nova.attributes
options:
  disk:
    description:
      - The whole disk. Names in C(/dev/disk/by-id) stay the same after a boot, C(/dev/sdb) need not.
    type: path
    required: true
  path:
    description: Where Nova keeps its instances.
    type: path
    default: /var/lib/nova/instances
  filesystem:
    description: The file system. A disk that has the other one is refused.
    type: str
    choices: [ext4, xfs]
    default: ext4
  options:
    description:
      - How it is mounted. Another value holds from the next mount on.
      - With V(nofail) a host without its disk boots all the same, so that it can be reached.
    type: str
    default: defaults,nofail
  owner:
    description: Whom the folder of instances belongs to.
    type: str
    default: nova
  group:
    description: Its group.
    type: str
    default: nova
  mode:
    description: Its permission bits.
    type: str
    default: "0755"
  timeout:
    description: Seconds that each command may take; making a file system discards the whole disk first.
    type: float
    default: 600
notes:
  - Needs C(sfdisk) (Debian's package fdisk) and, for V(xfs), xfsprogs.
  - Nova Compute must not start without its disk. The role C(compute) has its unit require the mount.
seealso:
  - module: community.general.filesystem
    description: >-
      It makes a file system on a device that you name; this module also partitions and mounts, and formats blank
      disks only.
  - module: ansible.posix.mount
"""

EXAMPLES = r"""
- name: Ensure the instances' disk
  stackwright.nova.instances_disk:
    disk: /dev/disk/by-id/ata-EXAMPLE_0001
"""

RETURN = r"""
disk:
  description: The disk by the kernel's name.
  returned: success
  type: str
  sample: /dev/sdb
partition:
  description: What is (or will be) mounted.
  returned: success
  type: str
  sample: /dev/sdb1
path:
  description: Where it is mounted.
  returned: success
  type: str
  sample: /var/lib/nova/instances
filesystem:
  description: The file system.
  returned: success
  type: str
  sample: ext4
uuid:
  description: The UUID of the file system.
  returned: success
  type: str
  sample: 5f7b1c4e-8f0e-4d2b-9c55-0f4a8c6f9d11
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample:
    - sfdisk /dev/sdb
    - mkfs.ext4 -q -m 0 -L instances /dev/sdb1
    - sfdisk --no-reread --no-tell-kernel --part-label /dev/sdb 1 stackwright-instances
    - write /etc/fstab
    - systemctl daemon-reload
    - mount /var/lib/nova/instances
    - chown nova:nova /var/lib/nova/instances
    - chmod 0755 /var/lib/nova/instances
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._instances_disk.operation import build
from ..module_utils._instances_disk.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
