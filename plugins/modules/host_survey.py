#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_survey
short_description: Look at a host
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Reads what a cloud needs to know of a host in one call. That is its name, addresses, name resolution, reachable
    servers, clock, memory and disk; of a deployed host also the versions of packages and the end of certificates.
  - Judges nothing; M(stackwright.nova.cloud_check) does, with the surveys of all hosts.
  - If the host cannot be surveyed (no root, no Python, no C(ip) command), it succeeds with RV(problem) instead of
    RV(survey). That too is then reported together with everything else. A host that cannot be reached is unreachable,
    as with any other module.
  - What is looked up and tried follows from the variables of the cloud.
options:
  names:
    description: Names that the host looks up.
    type: list
    elements: str
    default: []
  connections:
    description: Servers that shall answer the host, as URLs, or as C(tcp://host:port).
    type: list
    elements: str
    default: []
  certificate:
    description: The site's certificate for the host's services, to be judged.
    type: dict
    suboptions:
      files:
        description: The paths of C(ca), C(certificate) and C(private_key).
        type: dict
        required: true
      names:
        description: The names and addresses that it must be for.
        type: list
        elements: str
        required: true
      place:
        description: Where the files are.
        type: str
        choices: [host, control_node]
        default: host
  packages:
    description: Names of packages whose versions are read from dpkg or rpm.
    type: list
    elements: str
    default: []
  certificate_files:
    description:
      - Files (PEM) of the host whose first certificate is read, with Python's cryptography.
      - A file that cannot be read is reported with its problem, and the module does not fail.
    type: list
    elements: path
    default: []
notes:
  - Finds out the facts C(distribution), C(distribution_major_version) and C(nodename) too.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
  - stackwright.nova.internal
seealso:
  - module: stackwright.nova.cloud_check
"""

EXAMPLES = r"""
- name: Look at the host
  stackwright.nova.host_survey:
  register: looked

- name: Look up the version of Nova, and the end of the host's certificate
  stackwright.nova.host_survey:
    packages: [nova-common, nova-compute]
    certificate_files: [/etc/pki/libvirt/servercert.pem]
"""

RETURN = r"""
survey:
  description: What was seen.
  type: dict
  returned: when the host could be looked at
  contains:
    nodename:
      description: The host's own name.
      type: str
      sample: compute1
    is_root:
      description: Whether the task ran as root.
      type: bool
      sample: true
    addresses:
      description: Interface to its addresses; interfaces without any are there too.
      type: dict
      sample: {lo: ["127.0.0.1", "::1"], eth0: ["192.0.2.21"], eth1: []}
    default_interfaces:
      description: The interfaces that carry a default route.
      type: list
      elements: str
      sample: [eth0]
    resolved:
      description: Name to the addresses that it resolves to, none where it does not.
      type: dict
      sample: {controller1: ["192.0.2.11"]}
    refusals:
      description: Why servers do not answer; those that do are not in it.
      type: dict
      sample: {"tcp://db.example.org:3306": "Connection refused"}
    memory:
      description: Memory and swap in MiB.
      type: int
      sample: 7953
    disk:
      description: Free space below C(/usr) in MiB.
      type: int
      sample: 20480
    is_bare:
      description: Whether nothing of Nova is installed yet.
      type: bool
      sample: false
    source:
      description: Where the packages of Nova came from, C(distribution) or C(virtualenv), empty where
        there are none.
      type: str
      sample: distribution
    kernel:
      description: The release of its kernel.
      type: str
      sample: 6.1.0-40-amd64
    has_kernel_switch:
      description: Whether its kernel has the module of Open vSwitch, or can load it.
      type: bool
      sample: true
    machine_id:
      description: What C(/etc/machine-id) has, empty where there is none.
      type: str
      sample: 4c4c4544004d3510805ac4c04f4e3232
    packages:
      description: The installed ones of O(packages), with their versions.
      type: dict
      sample: {nova-common: "2:26.2.2-1~deb12u3"}
    certificate_files:
      description: The files of O(certificate_files) that the host has.
      type: list
      elements: dict
      contains:
        path:
          description: The file.
          type: str
          sample: /etc/pki/libvirt/servercert.pem
        subject:
          description: Whose certificate it is.
          type: str
          sample: OU=Nova Compute,CN=compute1
        names:
          description: Host names and addresses that it is for.
          type: list
          elements: str
          sample: [compute1, 192.0.2.21]
        until:
          description: Its end, in UTC.
          type: str
          sample: "2036-03-01T12:00:00Z"
        problem:
          description: Why it cannot be read, or empty.
          type: str
          sample: ""
    time:
      description: The host's clock, in seconds since 1970.
      type: float
      sample: 1795358400.5
clock:
  description: The least and the most that the host's clock may be ahead of the control node's, in seconds.
  type: list
  elements: float
  returned: with RV(survey)
  sample: [-0.4, 0.1]
problem:
  description: Why the host could not be looked at.
  type: str
  returned: when it could not
  sample: Missing sudo password
declared:
  description: What the inventory says of the host, which follows from its variables.
  type: dict
  returned: always
  sample: {management_address: "192.0.2.21"}
wrong_variables:
  description: What is wrong with the host's variables, in Ansible's words.
  type: list
  elements: str
  returned: always
  sample: ["value of compute_virt_type must be one of: auto, kvm, qemu, got: kvmm"]
platform:
  description: Name of the host's platform, as the role C(cloud) calls its files.
  type: str
  returned: with RV(survey)
  sample: Debian-12
ansible_facts:
  description: The facts C(distribution), C(distribution_major_version) and C(nodename).
  type: dict
  returned: with RV(survey)
  sample: {ansible_distribution: Debian, ansible_distribution_major_version: "12", ansible_nodename: compute1}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._host_survey.operation import build
from ..module_utils._host_survey.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    # Only a deployed host is asked for certificates, and has a Python that can read them.
    run(module, build, uses_services=bool(module.params["certificate_files"]))


if __name__ == "__main__":
    main()
