#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: wheelhouse
short_description: Build the Python packages of a release once, for all hosts
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Builds a wheel of every package in a lock file on the host, with pip, which checks the hashes of all downloads.
    Copies them to the control node in one archive. Where the archive is there already, no host is asked.
  - Hosts that install from it (M(stackwright.nova.virtual_environment)) need neither a compiler nor a network.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
  lock:
    description: The lock, a requirements file of the control node with a hash for each file of each package.
    type: path
    required: true
  path:
    description: The archive on the control node. Its folder is created.
    type: path
    required: true
  packages:
    description: Packages of the distribution that building takes. They are installed only where something is built.
    type: list
    elements: str
    default: []
  folder:
    description: Where the host keeps what it has built.
    type: path
    default: /var/cache/stackwright-nova/wheelhouses
  python:
    description: The Python that the packages are for.
    type: path
    default: /usr/bin/python3
  index_url:
    description: URL of the package index; pip's own default when empty.
    type: str
    default: ''
  environment:
    description: Environment of pip, such as C(https_proxy) and C(PIP_CERT).
    type: dict
    default: {}
  lock_text:
    description: What is in O(lock). This collection sets it; tasks do not.
    type: str
    default: ''
seealso:
  - module: stackwright.nova.virtual_environment
"""

EXAMPLES = r"""
- name: Build the wheels of 2024.1
  stackwright.nova.wheelhouse:
    lock: "{{ role_path }}/files/releases/2024.1-python3.11.txt"
    path: ~/wheelhouses/2024.1.tar
    packages: [python3-venv, python3-dev, gcc, libvirt-dev]
    environment: {https_proxy: "http://proxy.example.org:3128"}
  run_once: true
"""

RETURN = r"""
archive:
  description: The archive on the host that has built it.
  type: str
  returned: where it was (or would be) built
  sample: /var/cache/stackwright-nova/wheelhouses/0123456789abcdef.tar
path:
  description: The archive on the control node.
  type: str
  returned: success
  sample: /root/wheelhouses/2024.1.tar
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: ["pip wheel --no-deps --require-hashes --requirement LOCK # into ..."]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._wheelhouse.operation import build
from ..module_utils._wheelhouse.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
