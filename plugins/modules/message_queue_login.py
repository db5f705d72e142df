#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: message_queue_login
short_description: Check whether the message queue lets a user in
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Logs in over AMQP as a service does, before a service is configured with an account that does not work. A
    service with a wrong password says nothing, it tries again for ever.
  - Fails when a broker refuses the user, the password or the virtual host, when its certificate is not to be trusted,
    and when none answers.
extends_documentation_fragment: stackwright.nova.attributes
options:
  hosts:
    description: The brokers, all nodes of a cluster. A silent one is passed over while another answers.
    type: list
    elements: str
    required: true
  port:
    description: TCP port of the brokers.
    type: int
    default: 5672
  user:
    description: The user.
    type: str
    required: true
  password:
    description: The user's password.
    type: str
    required: true
  vhost:
    description: The virtual host.
    type: str
    default: /
  tls:
    description: Whether to speak TLS with the brokers, which then must prove themselves by their names in O(hosts).
    type: bool
    default: false
  ca_cert:
    description: PEM file with the authorities that the certificate is checked with, instead of those of the host.
    type: path
requirements:
  - python3-amqp on the host; every OpenStack service that uses the message queue brings it
seealso:
  - module: stackwright.nova.message_queue_user
"""

EXAMPLES = r"""
- name: Check that the services can log in
  stackwright.nova.message_queue_login:
    hosts: [controller]
    user: openstack
    password: "{{ cloud_message_queue_password }}"

- name: Check that they can over TLS
  stackwright.nova.message_queue_login:
    hosts: [mq.example.org]
    port: 5671
    user: openstack
    password: "{{ cloud_message_queue_password }}"
    tls: true
    ca_cert: /etc/ssl/certs/example-ca.pem
"""

RETURN = r"""
hosts:
  description: What each broker said, C(accepted) or C(silent).
  type: dict
  returned: success
  sample: {controller: accepted}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._message_queue_login.operation import build
from ..module_utils._message_queue_login.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
