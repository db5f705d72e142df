#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: open_vswitch
short_description: Open vSwitch, running, with bridges and settings
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Has Open vSwitch run with these bridges, their ports and settings. All of it is read with one query, of the
    database's file where its server does not run, and what differs is changed in one transaction.
  - Bridges and ports that somebody else has made stay. Those that the module has made carry a mark
    (C(external_ids:stackwright)), and go when they are not named any more.
  - An interface in use is refused, because its traffic would be cut off. It may have an IPv4 address, a default route
    or Ansible's own connection, or be part of another bridge or bond. One that is a port of the bridge
    already stays.
  - Settings that the switch reads only when it starts (V(userspace-tso-enable), V(dpdk-*)) are written while it does
    not run, so that it never works with others than the database says. Ports lose their connection for that moment.
extends_documentation_fragment: stackwright.nova.attributes
options:
  bridges:
    description: The bridges.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: The bridge's name.
        type: str
        required: true
      datapath:
        description: What forwards its packets, V(system) the kernel's module, V(netdev) the switch itself.
        type: str
        choices: [system, netdev]
        default: system
      ports:
        description: Interfaces of the host that are ports of the bridge.
        type: list
        elements: str
        default: []
  other_config:
    description:
      - Settings of Open vSwitch (its column C(other_config)), name to value. A null takes one out; others stay.
    type: dict
    default: {}
  external_ids:
    description:
      - Settings for programs that work with Open vSwitch, such as OVN (its column C(external_ids)), likewise.
    type: dict
    default: {}
  managers:
    description:
      - Where the database's server listens apart from its socket (V(ptcp:6640:127.0.0.1)), or whom it calls. List all.
      - Without it they stay as they are.
    type: list
    elements: str
  unit:
    description: The unit that starts all of Open vSwitch.
    type: str
    default: openvswitch-switch
  switch_unit:
    description: The unit of the switch.
    type: str
    default: ovs-vswitchd
  database_unit:
    description: The unit of the database's server.
    type: str
    default: ovsdb-server
  database_file:
    description: The database's file.
    type: path
    default: /etc/openvswitch/conf.db
  database_socket:
    description: Where the database's server listens.
    type: path
    default: /run/openvswitch/db.sock
  timeout:
    description: Seconds that each change, or start of a unit, may take.
    type: float
    default: 60
notes:
  - An interface is not set up by that it is a port. The role C(neutron) has a unit that does so at each boot.
seealso:
  - module: openvswitch.openvswitch.openvswitch_bridge
    description: >-
      It and C(openvswitch_port) take a call for each bridge and port; this module takes one, and refuses an interface
      in use.
"""

EXAMPLES = r"""
- name: Ensure a bridge into the provider network
  stackwright.nova.open_vswitch:
    bridges:
      - name: br-provider
        ports: [eth1]

- name: Ensure the same where the kernel has no module for it
  stackwright.nova.open_vswitch:
    bridges:
      - name: br-provider
        datapath: netdev
        ports: [eth1]
    other_config:
      userspace-tso-enable: true
"""

RETURN = r"""
bridges:
  description: The bridges as they are (or will be), with the ports that were named.
  type: dict
  returned: success
  sample: {br-provider: {datapath: system, ports: [eth1]}}
restarted:
  description: Whether the switch was (or would be) stopped and started, for a setting that it reads at its start.
  type: bool
  returned: success
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample:
    - systemctl start ovsdb-server
    - ovs-vsctl --no-wait -- add-br br-provider -- add-port br-provider eth1
    - systemctl start ovs-vswitchd openvswitch-switch
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._open_vswitch.operation import build
from ..module_utils._open_vswitch.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
