#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: host_certificate
short_description: Ensure the certificate of a host's services
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - One certificate for a host, with copies of it where services look for theirs, each key readable by the group of its
    service alone.
  - The certificate comes from the cloud's own authority, a directory of the control node that is made with the first
    use, or from the site (O(files)). With the authority the private key is made on the host and never leaves it.
  - The certificate is renewed before it ends, when the host gets another name or address, and when the authority has
    revoked it. Services read it when they start; M(stackwright.nova.service_units) restarts those that watch the files.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
  - stackwright.nova.issuing
options:
  names:
    description:
      - All names and addresses under which clients reach the services. The first one is the certificate's common name,
        and the name that revocation needs.
      - With O(state=revoked), names of hosts, any of those that their certificates are for.
      - A certificate of the site must be for all of them.
    type: list
    elements: str
    required: true
  state:
    description:
      - With V(revoked), all valid certificates that the authority of O(authority_directory) has issued for any of the
        O(names) go on its list of revoked ones. Other hosts refuse them as soon as they have the list. That is done on
        the control node alone, so the hosts may be dead; where there is no authority, there is nothing to revoke.
    type: str
    choices: [present, revoked]
    default: present
  ca:
    description: Where the authority's certificate goes on the host, for clients. Required with O(state=present).
    type: path
  certificate:
    description:
      - Where the certificate goes, with intermediate ones behind it. Required with O(state=present).
    type: path
  private_key:
    description: Where the private key goes, which only root may read there. Required with O(state=present).
    type: path
  copies:
    description: Where services look for them; a file that a service does not read is left out.
    type: list
    elements: dict
    default: []
    suboptions:
      ca:
        description: Where the service looks for the authority's certificate.
        type: path
      certificate:
        description: Where it looks for the certificate.
        type: path
      private_key:
        description: Where it looks for the key.
        type: path
      revoked:
        description: Where it looks for the list of revoked certificates. Without one there, none may be left over.
        type: path
      group:
        description: The group that may read the key.
        type: str
        default: root
  files:
    description: A certificate that the site has issued, as PEM files.
    type: dict
    suboptions:
      ca:
        description: Certificates of the authorities that clients believe.
        type: path
      certificate:
        description: The host's certificate, with intermediate ones behind it.
        type: path
      private_key:
        description: Its private key; not encrypted, except by Ansible Vault on the control node.
        type: path
      revoked:
        description: The authority's list of revoked certificates.
        type: path
  place:
    description: Where O(files) are, on the host or on the control node.
    type: str
    choices: [host, control_node]
    default: host
  unit:
    description: The organizational unit that a certificate is issued for. That of compute hosts opens their libvirt.
    type: str
    default: Services
  brought:
    description: The texts of O(files) of the control node. This collection sets it; tasks do not.
    type: dict
    suboptions:
      ca:
        description: Text of O(files.ca).
        type: str
      certificate:
        description: Text of O(files.certificate).
        type: str
      private_key:
        description: Text of O(files.private_key).
        type: str
      revoked:
        description: Text of O(files.revoked).
        type: str
seealso:
  - module: stackwright.nova.compute_identity
"""

EXAMPLES = r"""
- name: Give the host a certificate, and Keystone a copy
  stackwright.nova.host_certificate:
    names: [controller1, cloud.example.org, 192.0.2.11]
    authority_directory: ~/cloud-secrets-certificates
    ca: /etc/stackwright/tls/ca.crt
    certificate: /etc/stackwright/tls/host.crt
    private_key: /etc/stackwright/tls/host.key
    copies:
      - certificate: /etc/keystone/ssl/public/stackwright.crt
        private_key: /etc/keystone/ssl/private/stackwright.pem
        group: keystone

- name: The same, with a certificate of the site's own from the control node
  stackwright.nova.host_certificate:
    names: [cloud.example.org]
    files:
      ca: files/example-ca.pem
      certificate: files/cloud.pem
      private_key: files/cloud.key
    place: control_node
    ca: /etc/stackwright/tls/ca.crt
    certificate: /etc/stackwright/tls/host.crt
    private_key: /etc/stackwright/tls/host.key

- name: Revoke the certificates of a host that left the cloud
  stackwright.nova.host_certificate:
    state: revoked
    authority_directory: ~/cloud-secrets-certificates
    names: [compute2]
"""

RETURN = r"""
revoked:
  description: Serial numbers of the certificates that were (or would be) revoked, in hexadecimal.
  returned: with O(state=revoked)
  type: list
  elements: str
  sample: [5f1c0b7a9e]
certificate:
  description: The certificate, {} in check mode where one is still to be issued.
  returned: with O(state=present)
  type: dict
  contains:
    names:
      description: Names and addresses that it is for.
      type: list
      elements: str
    until:
      description: Its end.
      type: str
  sample: {names: [192.0.2.11, cloud.example.org, controller1], until: "2029-02-24T10:00:00Z"}
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample: [write /etc/keystone/ssl/public/stackwright.crt]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._host_certificate.operation import build
from ..module_utils._host_certificate.parameters import ARGUMENTS, required_if


def main() -> None:
    """Run the module, as its action asks it to."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, required_if=required_if()), build)


if __name__ == "__main__":
    main()
