#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: galera_cluster
short_description: A node of MariaDB in one Galera cluster with others
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Decides from the state of B(all) nodes who begins a cluster and who joins it, so that it is begun once and never
    again. Have each node looked at first (O(stage=look)), and give what they said to each of them (O(nodes)).
  - Where nobody runs and nobody was ever in a cluster, the node with databases begins it, or else the first. Where a
    part with a majority runs, the others join it, and get its data.
  - A cluster that has stopped everywhere, one that lost its majority, and nodes with different data are reported, with
    what to do. They are never bootstrapped again.
  - Configuration comes before. A member that runs an older one is restarted by M(stackwright.nova.service_units).
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
  name:
    description: The node's name in O(nodes).
    type: str
    required: true
  nodes:
    description:
      - RV(node) of each node of the cluster, by name; an empty value for one that was not asked.
      - The first is the first choice where no node has data. Needed but for O(stage=look).
    type: dict
  stage:
    description:
      - V(look) only reports.
      - V(begin) begins the cluster on the node whose part that is, and does nothing on the others.
      - V(join) has the others join. Let them do that one after the other (C(throttle)), each copies from another.
    type: str
    choices: [look, begin, join]
    default: look
  unit:
    description: The server's unit.
    type: str
    default: mariadb
  data_directory:
    description: Where the server keeps its data.
    type: path
    default: /var/lib/mysql
  timeout:
    description: Seconds for a node to become a member, all data copied.
    type: float
    default: 900
  tls:
    description:
      - Whether the node shall speak TLS with the others. A member that does not is an error of O(stage=look), before
        anything is written. By default either is right.
    type: bool
requirements:
  - MariaDB with galera-4, and root
  - PyMySQL on the host
seealso:
  - module: stackwright.nova.nova_db
"""

EXAMPLES = r"""
- name: Look at the nodes
  stackwright.nova.galera_cluster:
    name: "{{ inventory_hostname }}"
  register: node_seen

- name: Begin the cluster
  stackwright.nova.galera_cluster:
    name: "{{ inventory_hostname }}"
    stage: begin
    nodes: "{{ dict(groups.controller | zip(groups.controller | map('extract', hostvars, ['node_seen', 'node']))) }}"

- name: Join it
  stackwright.nova.galera_cluster:
    name: "{{ inventory_hostname }}"
    stage: join
    nodes: "{{ dict(groups.controller | zip(groups.controller | map('extract', hostvars, ['node_seen', 'node']))) }}"
  throttle: 1
"""

RETURN = r"""
node:
  description: What the node is like.
  returned: success
  type: dict
  sample:
    runs: true
    part: Primary
    cluster_id: 3e4f2f6e-c8a5-11f0-9a4b-5a1f1d3c7b22
    saved_id: 3e4f2f6e-c8a5-11f0-9a4b-5a1f1d3c7b22
    saved_position: -1
    is_last: false
    has_data: true
    speaks_tls: false
first:
  description: The node that begins the cluster; an empty string where there is one.
  returned: with O(stage=begin) and O(stage=join)
  type: str
  sample: controller1
commands:
  description: What was run, or in check mode would be.
  returned: success
  type: list
  elements: str
  sample: ["galera_new_cluster mariadb"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._galera_cluster.operation import build
from ..module_utils._galera_cluster.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
