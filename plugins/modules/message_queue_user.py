#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: message_queue_user
short_description: A RabbitMQ user, its password, its virtual host and its permissions
version_added: 0.1.0
description:
  - Creates a RabbitMQ user that may use one virtual host, and the virtual host where it is missing.
  - Everything is read with one call of C(rabbitmqctl), the password is proven by a login over AMQP. Only
    what differs is written.
  - The password reaches C(rabbitmqctl) as a salted hash in a file that only the broker can read, so that any
    character counts, outer blanks included.
options:
  user:
    description: Name of the user.
    type: str
    required: true
  password:
    description: The user's password. Needed where the user has to be created.
    type: str
  vhost:
    description: The virtual host. It is created where it is missing, and never removed.
    type: str
    default: /
  configure:
    description: Regular expression of the names that the user may create, change and delete in O(vhost).
    type: str
    default: .*
  write:
    description: Regular expression of the names that the user may write to in O(vhost).
    type: str
    default: .*
  read:
    description: Regular expression of the names that the user may read from in O(vhost).
    type: str
    default: .*
  tags:
    description: The user's tags, V([]) for none. Without this option they stay as they are.
    type: list
    elements: str
  state:
    description: V(absent) drops the user with its permissions in all virtual hosts.
    type: str
    choices: [present, absent]
    default: present
  absent_users:
    description: Other users to drop with their permissions, such as the packaged V(guest).
    type: list
    elements: str
    default: []
  update_password:
    description:
      - V(always) replaces the password where neither a login nor the hash that the broker keeps proves it.
      - V(on_create) sets it for a new user only and checks nothing.
    type: str
    choices: [always, on_create]
    default: always
  host:
    description: Where the login is tried. Users are administered on the host that the module runs on.
    type: str
    default: localhost
  port:
    description: Port of the login.
    type: int
    default: 5672
  tls:
    description: Whether to speak TLS with the broker, which then must prove itself as O(host).
    type: bool
    default: false
  ca_cert:
    description: PEM file with the authorities that the certificate is checked with, instead of those of the host.
    type: path
requirements:
  - RabbitMQ 3.8.2 or later on the host, and root
  - py-amqp (python3-amqp) on the host for the login; without it, and where nothing listens on O(port), the
    hash that the broker keeps decides alone
author: The stackwright.nova authors (@stackwright)
extends_documentation_fragment: stackwright.nova.attributes
seealso:
  - module: community.rabbitmq.rabbitmq_user
    description: It shows the password in the arguments of C(rabbitmqctl); this module sends a salted hash in a file.
"""

EXAMPLES = r"""
- name: The user of all OpenStack services
  stackwright.nova.message_queue_user:
    user: openstack
    password: "{{ message_queue_password }}"
    absent_users: [guest]

- name: A separate user for a cell
  stackwright.nova.message_queue_user:
    user: cell2
    password: "{{ cell2_message_queue_password }}"
    vhost: /cell2

- name: A user that is not needed any more
  stackwright.nova.message_queue_user:
    user: cell1
    state: absent
"""

RETURN = r"""
user:
  description: Name of the user. Null where it is absent.
  returned: success
  type: str
  sample: openstack
vhost:
  description: The virtual host.
  returned: success
  type: str
  sample: /
permissions:
  description: The user's permissions in RV(vhost). Null where the user is absent.
  returned: success
  type: dict
  sample: {configure: .*, write: .*, read: .*}
tags:
  description: The user's tags.
  returned: success
  type: list
  elements: str
  sample: []
commands:
  description: The commands that were run, or in check mode would be, in order and without secrets.
  returned: success
  type: list
  elements: str
  sample: ["rabbitmqctl set_permissions --vhost / openstack '.*' '.*' '.*'"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._message_queue_user.operation import build
from ..module_utils._message_queue_user.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
