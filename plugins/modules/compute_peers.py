#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: compute_peers
short_description: Let compute hosts copy files of instances to each other, and nothing else
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Nova copies the files of an instance that is resized, or migrated while it is stopped, over SSH as its own user.
    This module lets in the other compute hosts for that, each with its own key and from its own address only.
  - Whatever such a key asks for, a program answers that takes files and folders for the folder of instances by rsync,
    and hands out nothing. There is no shell, no terminal and no forwarding. Nova must use this transport
    (C([libvirt]remote_filesystem_transport = rsync)).
  - Nova's user knows the others by their keys, and reaches them by O(peers[].address), whatever address Nova names.
  - A host that is not named any more is not let in any more. Lines that others have put into the files stay.
extends_documentation_fragment: stackwright.nova.attributes
options:
  peers:
    description: The other compute hosts.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: The host's name, which marks its lines.
        type: str
        required: true
      address:
        description: The host's address, both as a destination and as a source.
        type: str
        required: true
      nova_address:
        description: The address that Nova names when it copies (C(my_ip) of that host), by default O(peers[].address).
        type: str
      public_key:
        description: The public SSH key of Nova's user there.
        type: str
        required: true
      host_keys:
        description: The public keys of its SSH server.
        type: list
        elements: str
        required: true
  kept:
    description:
      - Names of other hosts that go on being let in, as far as they are, because nothing new is known of them. They may
        just be down.
      - One that O(peers) has as well is let in as it is there, so that this may be the names of all others.
    type: list
    elements: str
    default: []
  user:
    description: The user that Nova runs as.
    type: str
    default: nova
  instances_path:
    description: The folder of instances.
    type: path
    default: /var/lib/nova/instances
  restricted_rsync:
    description: The program C(rrsync), which comes with rsync.
    type: path
    default: /usr/bin/rrsync
  ssh_port:
    description: The port of all hosts' SSH servers.
    type: int
    default: 22
seealso:
  - module: ansible.posix.authorized_key
    description: It lets in a key; this module also brings the program that limits the key to the files of instances.
"""

EXAMPLES = r"""
- name: Let in another compute host
  stackwright.nova.compute_peers:
    peers:
      - name: compute2
        address: 192.0.2.22
        public_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample
        host_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample]
"""

RETURN = r"""
peers:
  description: Names of the hosts that are let in, those kept included.
  returned: success
  type: list
  elements: str
  sample: [compute2]
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample: [write /var/lib/nova/.ssh/authorized_keys]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._compute_peers.operation import build
from ..module_utils._compute_peers.parameters import ARGUMENTS
from ..module_utils._engine.runner import run


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
