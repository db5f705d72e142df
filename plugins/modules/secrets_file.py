#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: secrets_file
short_description: Generate the missing secrets of a cloud once, into one file of the control node
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Reads a YAML file of secrets on the control node, adds a random value for every name that it lacks, and
    returns all of them. What the file holds is never changed, unless O(replace) names it.
  - The file has mode 0600. One that is there keeps its owner and group, and its mode if that shuts out all other users;
    one that is open to them is closed when it is written, and until then a warning says that it is open.
  - The file is replaced atomically under a lock, so any number of hosts and runs may ask. Behind a symbolic link, the
    file that it leads to is locked and replaced.
  - Comments, line ends and encrypted values stay as they are. The new text is read again and compared with the old one
    before it is written. Where anything would be lost, the task fails and the file stays as it is.
  - A file encrypted with Ansible Vault is read with the vault secrets of the run. Missing names are refused
    there, because the file would have to be encrypted again.
  - A value that YAML does not read as text (C(yes), V(0123), a list) is refused where it is one of O(names); an empty
    one counts as missing.
extends_documentation_fragment: stackwright.nova.attributes
options:
  path:
    description: The file, relative to the playbook's folder unless absolute. Its folder must exist.
    type: path
    required: true
  names:
    description: The secrets that it must hold.
    type: list
    elements: str
    required: true
  replace:
    description:
      - Secrets that get a new random value although the file has one. Comments and all others stay.
      - The file notes them (as C(replaced_secrets)) together with their new values. As long as the note is there they
        are not replaced again, so that a run which was cut can be repeated without losing track of what it had begun.
    type: list
    elements: str
    default: []
  settle:
    description: Take the note away, because what O(replace) began is finished everywhere.
    type: bool
    default: false
notes:
  - Runs on the control node; nothing is copied to the host.
  - Check mode generates values for the missing names as well, but writes none.
  - The result is never shown, since it holds the secrets; C(no_log) is not needed, and would hide errors as well.
    Errors name lines and columns of the file, and nothing that stands there.
seealso:
  - plugin: ansible.builtin.password
    plugin_type: lookup
    description: >-
      The lookup keeps a file for each password; this module keeps all in one, which Ansible Vault may encrypt.
"""

EXAMPLES = r"""
- name: Ensure a password for Nova's database
  stackwright.nova.secrets_file:
    path: /root/cloud-secrets.yml
    names: [cloud_nova_database_password]
  register: cloud_secrets

- name: Replace it
  stackwright.nova.secrets_file:
    path: /root/cloud-secrets.yml
    names: []
    replace: [cloud_nova_database_password]

- name: Note that all services use the new secret, so that the next replacement makes another one
  stackwright.nova.secrets_file:
    path: /root/cloud-secrets.yml
    names: []
    settle: true
"""

RETURN = r"""
path:
  description: The absolute path of the file.
  type: str
  returned: success
  sample: /root/cloud-secrets.yml
generated:
  description: The names that got (or would get) a new value.
  type: list
  elements: str
  returned: success
  sample: [cloud_nova_database_password]
unsettled:
  description: The names that were replaced, by this run or an earlier one, and not settled since.
  type: list
  elements: str
  returned: success
  sample: [cloud_nova_database_password]
secrets:
  description: All secrets of the file by name.
  type: dict
  returned: success
  sample: {cloud_nova_database_password: "32 letters, digits, - and _"}
"""
