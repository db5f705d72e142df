#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_info
short_description: Tell versions of packages and the end of certificates
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Reads the database of dpkg or rpm and certificate files, each once. What a host does not have is left out.
  - Certificates are read with Python's cryptography. A file that cannot be read is told with its problem, and the
    module does not fail for it.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
options:
  packages:
    description: Names of packages whose versions are told.
    type: list
    elements: str
    default: []
  certificates:
    description: Files (PEM) whose first certificate is told of.
    type: list
    elements: path
    default: []
seealso:
  - module: stackwright.nova.packages
  - module: stackwright.nova.compute_identity
"""

EXAMPLES = r"""
- name: Tell the version of Nova, and until when the host's certificate is good
  stackwright.nova.host_info:
    packages: [nova-common, nova-compute]
    certificates: [/etc/pki/libvirt/servercert.pem]
"""

RETURN = r"""
packages:
  description: The installed ones of O(packages), with their versions.
  returned: success
  type: dict
  sample: {nova-common: "2:26.2.2-1~deb12u3"}
certificates:
  description: The files of O(certificates) that the host has.
  returned: success
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
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._host_info.operation import build
from ..module_utils._host_info.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
