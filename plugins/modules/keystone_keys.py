#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keystone_keys
short_description: Share Keystone's Fernet and credential keys between controllers
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Without O(keys) and O(rotate) returns the keys that a host has. The result is made of secrets, so the task needs
    C(no_log).
  - With O(keys) gives a host the keys of another, whatever it had. New ones come before old ones go.
  - With O(rotate) makes another key for tokens. Give it to all hosts before the next rotation.
extends_documentation_fragment: stackwright.nova.attributes
attributes:
  idempotent:
    support: partial
    details:
      - With O(rotate) each run makes a key.
options:
  directories:
    description: The directories of keys, as keystone.conf has them.
    type: list
    elements: path
    default: [/etc/keystone/fernet-keys, /etc/keystone/credential-keys]
  keys:
    description: RV(keys) of another host. Each of O(directories) must have some.
    type: dict
  rotate:
    description: Whether to have Keystone make another key for tokens.
    type: bool
    default: false
  config_file:
    description: Keystone's configuration, which says how many keys are kept.
    type: path
    default: /etc/keystone/keystone.conf
  run_as:
    description: User as which Keystone runs, who alone may read the keys.
    type: str
    default: keystone
seealso:
  - module: ansible.builtin.copy
    description: >-
      It leaves keys that the other host no longer has; this module gives a host exactly the other's keys, new ones
      first.
  - module: stackwright.nova.keystone_bootstrap
"""

EXAMPLES = r"""
- name: Read the keys of the first host
  stackwright.nova.keystone_keys:
  register: keystone_keys_seen
  no_log: true

- name: Give them to the others
  stackwright.nova.keystone_keys:
    keys: "{{ hostvars[groups.controller | first].keystone_keys_seen['keys'] }}"

- name: Make another key for tokens
  stackwright.nova.keystone_keys:
    rotate: true
"""

RETURN = r"""
keys:
  description: The keys by directory and number.
  returned: without O(keys) and O(rotate)
  type: dict
  sample: {/etc/keystone/fernet-keys: {}}
complete:
  description: Whether each directory has keys.
  returned: without O(keys) and O(rotate)
  type: bool
  sample: true
commands:
  description: What was run, or in check mode would be, without secrets.
  returned: success
  type: list
  elements: str
  sample: ["install -m 0600 KEY /etc/keystone/fernet-keys/2"]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._keystone_keys.operation import build
from ..module_utils._keystone_keys.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
