#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: firewall_access
short_description: Open a firewall that is on for some hosts and ports, and for nobody else
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Opens ports of this host for the hosts that need them, wherever a firewall keeps them closed. Where none is on
    nothing is done; none is ever switched on.
  - In nftables a packet must be accepted by every chain that it passes, so rules in a table of our own would open
    nothing. An input chain may drop unknown traffic, by its policy or by a last rule. Its table then gets
    a chain C(stackwright) with our rules, and one rule that leads there. The site's own rules stay as they are.
  - What is opened is opened again when the unit C(nftables) loads the site's rules, by a drop-in of that unit. Where
    they come from elsewhere a warning says so.
  - firewalld, from release 0.9 on, gets a policy C(stackwright-nova) from all zones to this host. It takes a new one
    only when it is reloaded; where that would lose rules that are in no file, the task fails before it changes
    anything.
  - Rules of iptables and ufw are not touched. Where they close the host, the task fails and says what to open there.
  - Hosts and ports that are not named any more are closed again. An empty list of openings takes away all that the
    module has made.
extends_documentation_fragment: stackwright.nova.attributes
options:
  openings:
    description: All that is to be open. What has no ports or no sources is left out.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: What listens there, for the comment of the rule.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        choices: [tcp, udp]
        default: tcp
      ports:
        description: The ports.
        type: list
        elements: int
        required: true
      sources:
        description: Who reaches them, IPv4 or IPv6 addresses and networks.
        type: list
        elements: str
        required: true
  timeout:
    description: Seconds that each command may take.
    type: float
    default: 60
notes:
  - Rules that close only a part of the packets, those of some addresses or ports, do not count as closing a table.
seealso:
  - module: ansible.posix.firewalld
    description: It needs firewalld; this module also opens each chain of nftables that would close the port.
"""

EXAMPLES = r"""
- name: Ensure that two compute hosts reach the message queue
  stackwright.nova.firewall_access:
    openings:
      - name: message queue
        ports: [5672]
        sources: [192.0.2.21, 192.0.2.22]
"""

RETURN = r"""
firewalls:
  description: The firewalls that are on and open for them (in check mode, will be), chains of nftables by their names.
  returned: success
  type: list
  elements: str
  sample: [inet filter input]
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample:
    - nft add chain inet filter stackwright
    - nft flush chain inet filter stackwright
    - nft add rule inet filter stackwright ip saddr { 192.0.2.21 } tcp dport { 5672 } accept comment "stackwright 1f5c"
    - nft insert rule inet filter input jump stackwright comment "stackwright"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._firewall_access.operation import build
from ..module_utils._firewall_access.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
