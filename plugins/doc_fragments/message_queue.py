# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How a module logs in to the brokers of one cluster; it says itself what for."""

    DOCUMENTATION = r"""
options:
  message_queue:
    type: dict
    suboptions:
      hosts:
        description: The brokers, all nodes of one cluster. A silent one is passed over while another answers.
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
        description:
          - Whether to speak TLS with the brokers, which then must prove themselves by their names in
            O(message_queue.hosts).
        type: bool
        default: false
      ca_cert:
        description: PEM file with the authorities that the certificate is checked with, instead of those of the host.
        type: path
"""
