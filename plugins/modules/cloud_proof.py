#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cloud_proof
short_description: Prove that a cloud is complete, without making anything in it
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Looks at the catalog, asks each URL in it for an answer, looks at Neutron's agents and runs
    C(nova-status upgrade check).
  - Fails when a part is missing; the error names all parts that are, what was seen, and what to do.
  - Whether Nova's own services are up is reported by M(stackwright.nova.nova_service_info), that an instance really
    runs by M(stackwright.nova.instance_proof).
options:
  services:
    description: Types of the services that the catalog must hold.
    type: list
    elements: str
    default: [identity, image, placement, compute, network]
  interfaces:
    description: Interfaces that each of the O(services) must have in the region, each exactly once.
    type: list
    elements: str
    default: [public, internal, admin]
  agents:
    description:
      - The Neutron agents that must be alive. The keys are hosts as Neutron knows them, the values lists of
        binaries such as V(neutron-linuxbridge-agent).
      - An empty list stands for the agents that Neutron knows on the host and that are enabled, whichever they are
        and even if there are none.
      - Without it the agents are not looked at.
    type: dict
    default: {}
  upgrade_check:
    description:
      - Whether C(nova-status upgrade check) must pass without a warning. It runs on the host of the module,
        which must be a controller, and takes some seconds.
    type: bool
    default: true
  placement_upgrade_check:
    description:
      - Whether C(placement-status upgrade check) must pass likewise. It runs as the user placement.
    type: bool
    default: false
  run_as:
    description: User as whom C(nova-status) runs.
    type: str
    default: nova
  timeout:
    description: Seconds that the O(agents) may take to report.
    type: float
    default: 60
  region_name:
    description: Region of the endpoints, V(RegionOne) unless given.
extends_documentation_fragment:
  - stackwright.nova.openstack
  - stackwright.nova.attributes.read_only
seealso:
  - module: stackwright.nova.instance_proof
  - module: stackwright.nova.nova_service_info
"""

EXAMPLES = r"""
- name: Prove that the cloud is complete
  stackwright.nova.cloud_proof:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    agents:
      controller: [neutron-l3-agent, neutron-dhcp-agent, neutron-metadata-agent, neutron-linuxbridge-agent]
      compute1: [neutron-linuxbridge-agent]

- name: Check the catalog only
  stackwright.nova.cloud_proof:
    cloud: mycloud
    services: [identity, compute]
    interfaces: [public]
    upgrade_check: false
"""

RETURN = r"""
proven:
  description: Whether no part is missing.
  returned: always
  type: bool
  sample: true
parts:
  description: What was looked at, in order; also in the result of a failure.
  returned: always
  type: list
  elements: dict
  contains:
    part:
      description: Name of the part.
      type: str
      sample: catalog
    state:
      description: V(proven), V(missing) or V(skipped).
      type: str
      sample: proven
    detail:
      description: What was seen.
      type: str
      sample: 5 services in RegionOne with public, internal, admin, no duplicates
    subject:
      description: Host that the part is about, or empty.
      type: str
      sample: ""
    seconds:
      description: How long it took.
      type: float
      sample: 0.4
    evidence:
      description: Lines that show what is wrong.
      type: list
      elements: str
      sample: []
    remedy:
      description: What to do about a missing part.
      type: str
      sample: ""
endpoints:
  description: The endpoints of the catalog, of all regions; also in the result of a failure.
  returned: always
  type: list
  elements: dict
  sample:
    - service: compute
      interface: public
      region: RegionOne
      url: http://controller:8774/v2.1
agents:
  description: The agents that Neutron knows, if O(agents) asks for any; also in the result of a failure.
  returned: always
  type: list
  elements: dict
  sample:
    - host: compute1
      binary: neutron-openvswitch-agent
      alive: true
      enabled: true
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._cloud_proof.operation import build
from ..module_utils._cloud_proof.parameters import ARGUMENTS
from ..module_utils._engine.runner import run


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
