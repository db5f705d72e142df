#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: nova_service_info
short_description: Tell whether the services and compute hosts of a Nova work, or wait until they do
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Reads services and hypervisors from the Compute API and resource providers from the Placement API.
  - Proves for every compute host that it reports, is mapped to a cell and has its resource provider. That is
    what the scheduler needs; a service that is C(up) proves only the first.
  - Problems are reported in sentences.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
  - stackwright.nova.openstack
options:
  expect:
    description:
      - Names of the services (such as C(nova-scheduler)) that must work, for each host by the name that Nova
        has for it.
      - The module fails when one of them does not, after O(timeout). Others do not matter then.
      - Without it the module never fails because of a service; RV(healthy) is about all that are enabled.
    type: dict
    default: {}
  timeout:
    description:
      - Seconds to wait until all is well. V(0) looks once.
      - Meanwhile an API that does not answer is waited for, too.
      - In check mode nothing is waited for, and nothing that is missing is an error.
    type: int
    default: 0
notes:
  - A service that an administrator has disabled counts as working. One that has disabled itself does not.
seealso:
  - module: stackwright.nova.cell_v2
"""

EXAMPLES = r"""
- name: Check all services
  stackwright.nova.nova_service_info:
    cloud: admin
  register: nova

- name: Wait until a controller and a compute host work
  stackwright.nova.nova_service_info:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    expect:
      controller: [nova-scheduler, nova-conductor]
      compute1: [nova-compute]
    timeout: 120
"""

RETURN = r"""
services:
  description: All services of Nova.
  returned: success, and when a service does not work
  type: list
  elements: dict
  sample:
    - id: 8a0e4b0e-1a4b-4a52-9d3c-5f9bb9b9c1a4
      host: compute1
      binary: nova-compute
      zone: nova
      state: up
      status: enabled
      updated_at: '2026-03-01T12:00:00.000000'
      disabled_reason: null
hypervisors:
  description: The hypervisors that Nova lists, which are those on hosts that are mapped to a cell.
  returned: success, and when a service does not work
  type: list
  elements: dict
  sample:
    - id: 0c4f5ad0-6c14-4f8c-8b0f-8d5ef5b1d3ba
      name: compute1
      host: compute1
      type: QEMU
      state: up
      status: enabled
      host_ip: 192.0.2.11
computes:
  description: The hosts of nova-compute.
  returned: success, and when a service does not work
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    state:
      description: V(up) if it reports, else V(down).
      type: str
    status:
      description: V(enabled), or V(disabled) by an administrator or by itself.
      type: str
    mapped:
      description: Whether Nova's API finds its compute node, for which it must be mapped to a cell.
      type: bool
    placement_provider:
      description: ID of its resource provider; V(null) if Placement has none.
      type: str
  sample:
    - host: compute1
      state: up
      status: enabled
      mapped: true
      placement_provider: 0c4f5ad0-6c14-4f8c-8b0f-8d5ef5b1d3ba
healthy:
  description: Whether everything works that must.
  returned: success, and when a service does not work
  type: bool
  sample: true
missing:
  description: What is wrong, one sentence for each thing. Also returned when the module fails for it.
  returned: always
  type: list
  elements: str
  sample:
    - compute2 is not mapped to a cell, so that nothing is scheduled to it.
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._nova_service_info.operation import build
from ..module_utils._nova_service_info.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
