#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: compute_host
short_description: Enable, disable or remove compute hosts in a running cloud
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Takes any number of compute hosts in or out of service, or removes them for good, all in one session.
  - A host is removed only when it is empty and silent. No instance, unfinished migration or other allocation may
    be there (all are named), and its C(nova-compute) and the named agents must have ceased to report. Then its
    compute service goes, and with that its mapping to a cell, its compute nodes, its resource providers in
    Placement and its places in aggregates; last go the agents of Neutron.
  - When one host is refused, nothing is done to the others either.
  - Runs where the APIs can be reached, as a user who may do all that, such as the admin.
options:
  hosts:
    description:
      - Names of the hosts, as Nova has them.
      - A host that Nova does not know has nothing to disable or to remove. It is an error to enable it, or if
        Nova knows the same name with a domain more or less.
    type: list
    elements: str
    required: true
  state:
    description:
      - V(enabled) lets them have instances. In check mode a host may be unknown, as it may be made first.
      - V(disabled) keeps new instances away. Those that are there go on running.
      - V(absent) removes them.
    type: str
    choices: [enabled, disabled, absent]
    required: true
  reason:
    description:
      - With V(disabled), why. A host that somebody has disabled already keeps its reason; one that has disabled
        itself does not.
      - With V(enabled), only hosts that were disabled for just this reason are enabled; the others stay as they are.
    type: str
  require_empty:
    description:
      - With V(disabled), whether the hosts must be empty. This is seen before, and again when they are disabled.
      - With V(absent) they always must.
    type: bool
    default: false
  drain:
    description:
      - With V(disabled), whether what is on the hosts is moved to others. What runs (or is paused) migrates live, what
        is stopped is copied and confirmed, what is shelved is offloaded. Nova chooses where to, and whether disks are
        copied or shared.
      - All that cannot move (suspended or rescued instances, resizes to be confirmed, something that is under way, no
        other host) is named before anything is done. What then stays in spite of it is named in the end, and the others
        are moved.
    type: bool
    default: false
  drain_timeout:
    description: Seconds for each instance to move.
    type: float
    default: 3600
  network_agents:
    description:
      - With V(absent), the binaries of the agents of Neutron that go with a host, by host.
      - Other agents are left alone. A host that stays a network node, say, is not named here.
    type: dict
    default: {}
  timeout:
    description:
      - With V(absent), seconds to wait until all that goes has ceased to report. Nova takes a service for down after
        a minute, Neutron an agent after 75 seconds.
    type: float
    default: 180
notes:
  - What runs on a host that is removed must be stopped first and kept from starting, or it registers itself again.
    The playbook C(stackwright.nova.remove_compute) does this.
seealso:
  - module: openstack.cloud.compute_service_info
    description: >-
      It only reads services; this module also enables and disables hosts, and removes those that are empty and
      silent.
  - module: stackwright.nova.cell_v2
  - module: stackwright.nova.nova_service_info
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.openstack
"""

EXAMPLES = r"""
- name: Take a compute host out of service, if it is empty
  stackwright.nova.compute_host:
    cloud: admin
    hosts: [compute2]
    state: disabled
    reason: is to be removed
    require_empty: true

- name: Empty a compute host for its maintenance
  stackwright.nova.compute_host:
    cloud: admin
    hosts: [compute2]
    state: disabled
    reason: new memory
    drain: true

- name: Remove two compute hosts that were stopped
  stackwright.nova.compute_host:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    hosts: [compute2, compute3]
    state: absent
    network_agents:
      compute2: [neutron-linuxbridge-agent]
      compute3: [neutron-linuxbridge-agent]

- name: Bring those back that were to be removed, and only those
  stackwright.nova.compute_host:
    cloud: admin
    hosts: [compute1, compute2]
    state: enabled
    reason: is to be removed
"""

RETURN = r"""
hosts:
  description: The hosts as they are (or will be).
  returned: success
  type: list
  elements: dict
  contains:
    host:
      description: Name of the host.
      type: str
    status:
      description: V(enabled) or V(disabled); V(null) if Nova knows no compute service there.
      type: str
    disabled_reason:
      description: Why it is disabled.
      type: str
    mapped:
      description: Whether Nova lists its compute node, for which it must be mapped to a cell.
      type: bool
    placement_providers:
      description: IDs of its resource providers.
      type: list
      elements: str
    aggregates:
      description: Names of the aggregates in which it is.
      type: list
      elements: str
    network_agents:
      description: Those of O(network_agents) that there are.
      type: list
      elements: str
  sample:
    - host: compute2
      status: disabled
      disabled_reason: is to be removed
      mapped: true
      placement_providers: [0c4f5ad0-6c14-4f8c-8b0f-8d5ef5b1d3ba]
      aggregates: []
      network_agents: []
removed:
  description: Names of the hosts whose compute service this run removed (or check mode would remove).
  returned: success
  type: list
  elements: str
  sample: [compute2]
moved:
  description: Instances that this run moved (or check mode would move).
  returned: success
  type: list
  elements: str
  sample: [web1 (7f6bde5a-98d6-4f3c-a1ab-f1e5bb9c9f0c)]
in_use:
  description: What is on the hosts that are not empty.
  returned: when the module fails for it
  type: dict
  sample:
    compute2:
      instances: [web1 (7f6bde5a-98d6-4f3c-a1ab-f1e5bb9c9f0c)]
      migrations: []
      allocations: {}
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample: [openstack compute service set --disable --disable-reason 'is to be removed' compute2 nova-compute]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._compute_host.operation import build
from ..module_utils._compute_host.parameters import ARGUMENTS
from ..module_utils._engine.runner import run


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
