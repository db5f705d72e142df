#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: message_queue_cluster
short_description: A RabbitMQ broker in one cluster with others
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Decides from the state of B(all) brokers which one the others join. Have each of them looked at first
    (O(stage=look)), and give what they said to each of them (O(nodes)).
  - The others join a cluster that is there, else the broker that has users, else the first. A broker gives up what it
    has when it joins. Two clusters, and two brokers with users, are reported, with what to do.
  - All brokers must run, have the same Erlang cookie and reach each other.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
  name:
    description: The name of this host in O(nodes).
    type: str
    required: true
  nodes:
    description:
      - RV(broker) of each host, by its name; an empty value for one that was not asked. Needed for O(stage=join).
    type: dict
  stage:
    description:
      - V(look) reports, and starts a broker that a run which was cut has left stopped.
      - V(join) has the broker join the others. Let them do that one after the other (C(throttle)).
    type: str
    choices: [look, join]
    default: look
requirements:
  - RabbitMQ 3.8.2 or later on the host, and root
seealso:
  - module: stackwright.nova.message_queue_user
"""

EXAMPLES = r"""
- name: Look at the brokers
  stackwright.nova.message_queue_cluster:
    name: "{{ inventory_hostname }}"
  register: broker_seen

- name: Make them one
  stackwright.nova.message_queue_cluster:
    name: "{{ inventory_hostname }}"
    stage: join
    nodes: >-
      {{ dict(groups.controller | zip(groups.controller | map('extract', hostvars, ['broker_seen', 'broker']))) }}
  throttle: 1
"""

RETURN = r"""
broker:
  description: What the broker is like.
  returned: success
  type: dict
  sample:
    node: rabbit@controller1
    members: [rabbit@controller1, rabbit@controller2, rabbit@controller3]
    has_users: true
seed:
  description: The broker whose cluster the others join.
  returned: with O(stage=join)
  type: str
  sample: rabbit@controller1
commands:
  description: What was run, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: [rabbitmqctl stop_app, rabbitmqctl reset, rabbitmqctl join_cluster rabbit@controller1, rabbitmqctl start_app]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._message_queue_cluster.operation import build
from ..module_utils._message_queue_cluster.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
