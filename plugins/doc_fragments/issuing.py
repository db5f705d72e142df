# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """How a module has certificates issued by the cloud's own authority."""

    DOCUMENTATION = r"""
options:
  authority_directory:
    description:
      - The cloud's certificate authority, a directory of the control node. It is made if there is none, with a key
        (mode 0600) that is its only copy.
      - Required without O(files).
    type: path
  authority_name:
    description: Common name of an authority that is made.
    type: str
    default: stackwright.nova
  days:
    description: Days that a certificate is valid.
    type: int
    default: 825
  renew_days:
    description: Days before its end from which on a certificate is renewed.
    type: int
    default: 90
  authority:
    description: What the authority of O(authority_directory) says. This collection sets it; tasks do not.
    type: dict
    suboptions:
      certificate:
        description: Its certificate, PEM.
        type: str
      revoked:
        description: Its list of revoked certificates, PEM.
        type: str
  issued:
    description: The certificate that it has issued, PEM. This collection sets it; tasks do not.
    type: str
    default: ""
requirements:
  - cryptography 3.3 or later (python3-cryptography) on the host
notes:
  - In check mode no authority is made, and no certificate issued.
"""
