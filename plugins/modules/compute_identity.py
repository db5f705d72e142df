#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: compute_identity
short_description: Ensure a compute host's migration certificate and SSH key
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Instances move between compute hosts by two ways. libvirt and QEMU hand over what runs, with TLS on both sides; Nova
    copies the files of what is stopped, over SSH as its own user. This module gives a host what it proves itself with
    on both.
  - The certificate comes from the cloud's own authority, a directory of the control node that is made with the first
    use, or from the site (O(files)). The private key is made on the host and never leaves it.
  - The certificate is renewed before it ends, when the host gets another name or address, and when the authority has
    revoked it.
  - The SSH key of Nova's user is made once. What it opens on other hosts is up to M(stackwright.nova.compute_peers).
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
  - stackwright.nova.issuing
options:
  names:
    description:
      - The host's name, which revocation needs, and all names and addresses under which others reach
        its libvirt.
    type: list
    elements: str
    required: true
  unit:
    description: The organizational unit that a certificate is issued for; libvirt admits clients that have it.
    type: str
    default: Nova Compute
  files:
    description:
      - A certificate that the site has issued, as PEM files on the host. They are copied to where libvirt and QEMU look
        for them, and must be for all O(names).
    type: dict
    suboptions:
      ca:
        description: Certificates of the authorities that the hosts believe.
        type: path
      certificate:
        description: The host's certificate, for servers and clients, with intermediate ones behind it.
        type: path
      private_key:
        description: Its private key, not encrypted.
        type: path
      revoked:
        description: The authority's list of revoked certificates.
        type: path
  emulator_group:
    description: The group that QEMU runs as, which may read its keys.
    type: str
    required: true
  user:
    description: The user that Nova runs as.
    type: str
    default: nova
notes:
  - libvirt reads certificates at its start, QEMU when a migration begins.
seealso:
  - module: stackwright.nova.compute_peers
"""

EXAMPLES = r"""
- name: Give the host its certificate and its SSH key
  stackwright.nova.compute_identity:
    names: [compute1, 192.0.2.21]
    authority_directory: ~/cloud-secrets-certificates
    emulator_group: libvirt-qemu

- name: The same, with a certificate of the site's own
  stackwright.nova.compute_identity:
    names: [compute1.example.org, 192.0.2.21]
    files:
      ca: /etc/ssl/certs/example-ca.pem
      certificate: /etc/ssl/certs/compute1.pem
      private_key: /etc/ssl/private/compute1.key
    emulator_group: libvirt-qemu
"""

RETURN = r"""
certificate:
  description: The certificate, {} in check mode where one is still to be issued.
  returned: success
  type: dict
  contains:
    names:
      description: Names and addresses that it is for.
      type: list
      elements: str
    until:
      description: Its end.
      type: str
  sample: {names: [192.0.2.21, compute1], until: "2029-02-24T10:00:00Z"}
public_key:
  description: The public half of the SSH key of Nova's user.
  returned: success
  type: str
  sample: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample
host_keys:
  description: Public keys of the host's SSH server.
  returned: success
  type: list
  elements: str
  sample: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExample]
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample: [write /etc/pki/libvirt/servercert.pem]
"""

from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._compute_identity.operation import build as build_ssh_key
from ..module_utils._compute_identity.parameters import ARGUMENTS
from ..module_utils._compute_identity.places import certificate_parameters
from ..module_utils._engine.operation import Operation, Task
from ..module_utils._engine.runner import run_all
from ..module_utils._host_certificate.operation import build as build_certificate


def build(task: Task) -> list[Operation[Any, Any, Any]]:
    """The SSH key and the certificate: two plans in one task, as a run of all hosts is short of tasks."""
    return [build_ssh_key(task), build_certificate(replace(task, params=certificate_parameters(task.params)))]


def main() -> None:
    """Run the module, as its action asks it to."""
    run_all(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
