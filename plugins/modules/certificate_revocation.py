#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: certificate_revocation
short_description: Revoke the certificates of hosts that left the cloud
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Puts all valid certificates that the cloud's own authority has issued for a host on its list of revoked ones. Other
    hosts refuse them as soon as they have the list, which M(stackwright.nova.compute_identity) brings them.
  - Works on the control node alone, so the host itself may be dead.
extends_documentation_fragment: stackwright.nova.attributes
options:
  authority_directory:
    description: The authority, a directory of the control node. Where there is none, there is nothing to revoke.
    type: path
    required: true
  names:
    description: Names of the hosts, any of those that their certificates are for.
    type: list
    elements: str
    required: true
seealso:
  - module: stackwright.nova.compute_identity
"""

EXAMPLES = r"""
- name: Revoke the certificates of a host
  stackwright.nova.certificate_revocation:
    authority_directory: ~/cloud-secrets-certificates
    names: [compute2]
"""

RETURN = r"""
revoked:
  description: Serial numbers of the certificates that were (or would be) revoked, in hexadecimal.
  returned: success
  type: list
  elements: str
  sample: [5f1c0b7a9e]
commands:
  description: What was (or would be) done, in order.
  returned: success
  type: list
  elements: str
  sample: [revoke certificate 5f1c0b7a9e]
"""
