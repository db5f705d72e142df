#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: hw_accel_fact
short_description: Find out what hardware virtualization a host can really do
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Tells whether guests of this host can use KVM, which C(virt_type) of Nova's C([libvirt]) section follows, and
    why.
  - Neither the processor's flags nor C(/dev/kvm) prove anything alone. There are hosts whose C(/dev/kvm)
    opens, answers and creates machines, and whose guests never reach their first line. This module looks at
    both, and on request boots a guest of a few hundred bytes to be sure.
options:
  probe:
    description:
      - V(flags) looks at the processor's flags only. Where an architecture has no such flags (all but x86), it
        is the same as V(device).
      - V(device) asks the flags and C(/dev/kvm) both (creating an empty virtual machine and dropping it).
      - V(guest) boots a throwaway guest that has no disk, no network and 64 MiB of memory, and takes what it
        does for the truth. It needs C(qemu-system-x86_64) or C(qemu-system-aarch64); on other architectures it
        decides like V(device) and the reason says so. In check mode a qemu that is not installed yet has the
        same effect.
    type: str
    choices: [flags, device, guest]
    default: device
  timeout:
    description: How many seconds the throwaway guest may take; a working one needs less than one.
    type: float
    default: 10
notes:
  - Run it as root (C(become)), or as a user who may open C(/dev/kvm); otherwise the reason names the
    permission.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
"""

EXAMPLES = r"""
- name: Check what this compute host can do
  stackwright.nova.hw_accel_fact:

- name: Configure Nova accordingly
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova-compute.conf
    options:
      libvirt:
        virt_type: "{{ ansible_facts['hw_accel']['virt_type'] }}"

- name: Leave no doubt
  stackwright.nova.hw_accel_fact:
    probe: guest
"""

RETURN = r"""
ansible_facts:
  description: The only thing that this module returns.
  returned: always
  type: dict
  contains:
    hw_accel:
      description: The host's hardware acceleration.
      returned: always
      type: dict
      contains:
        architecture:
          description: The machine's architecture, as C(uname -m) prints it.
          type: str
          sample: x86_64
        cpu_flag:
          description: The processor's virtualization flag, V(vmx) or V(svm); null where there is none.
          type: str
          sample: svm
        cpu_flag_count:
          description: How many lines of C(/proc/cpuinfo) name V(vmx) or V(svm), as C(grep -Ec) counts them.
          type: int
          sample: 8
        kvm_device:
          description: Whether there is a C(/dev/kvm).
          type: bool
          sample: true
        kvm_api_version:
          description: What C(/dev/kvm) answers; null where it was not asked or did not answer.
          type: int
          sample: 12
        nested:
          description: Whether guests may themselves run guests; null where the kernel does not say.
          type: bool
          sample: false
        usable:
          description: Whether guests can use the hardware.
          type: bool
          sample: true
        virt_type:
          description: V(kvm) or V(qemu).
          type: str
          sample: kvm
        reason:
          description: One sentence that says why.
          type: str
          sample: The processor has svm and /dev/kvm answers with API version 12.
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._hw_accel_fact.operation import build
from ..module_utils._hw_accel_fact.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
