#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keystone_bootstrap
short_description: Give a new Keystone its keys and its first administrator
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Does the two things that cannot be done through the Identity API, because they come before it.
  - Run it on a host of Keystone, once with O(stage=keys) before Keystone starts, and once with
    O(stage=admin) when it answers.
  - Nothing is run where nothing is to do. Keys that exist are never touched. Whether the administrator exists
    is found out by authenticating.
extends_documentation_fragment: stackwright.nova.attributes
options:
  stage:
    description:
      - V(keys) makes the keys that encrypt tokens and credentials, where a repository has none.
      - V(admin) makes sure that O(username) can authenticate with O(password) and has the role C(admin) on
        O(project). A password that differs is reset.
    type: str
    choices: [keys, admin]
    default: admin
  auth_url:
    description: Address at which Keystone answers. Needed for O(stage=admin).
    type: str
  username:
    description: Name of the administrator, in the default domain.
    type: str
    default: admin
  password:
    description: Password of the administrator. Needed for O(stage=admin).
    type: str
  project:
    description: Project on which the administrator has the role C(admin).
    type: str
    default: admin
  region:
    description: Region of O(endpoints).
    type: str
    default: RegionOne
  endpoints:
    description:
      - URL of Keystone for each interface (V(public), V(internal), V(admin)), registered along with the
        administrator.
      - Use M(stackwright.nova.keystone_service_endpoint) to keep them right from then on.
    type: dict
    default: {}
  config_file:
    description: Keystone's configuration. It names the repositories of the keys.
    type: path
    default: /etc/keystone/keystone.conf
  run_as:
    description: User as which Keystone runs.
    type: str
    default: keystone
  validate_certs:
    description: Whether the certificate behind O(auth_url) must be valid.
    type: bool
    default: true
  ca_cert:
    description: Path of a file with the certificates of the authorities to trust, instead of the system's.
    type: path
requirements:
  - keystone-manage
  - keystoneauth1 and oslo.config, which Keystone brings
seealso:
  - module: ansible.builtin.command
    description: With C(keystone-manage bootstrap) it cannot tell whether anything is to do, and check mode skips it.
  - module: stackwright.nova.keystone_service_endpoint
"""

EXAMPLES = r"""
- name: Ensure Keystone has its keys before it starts
  stackwright.nova.keystone_bootstrap:
    stage: keys

- name: Ensure the first administrator can log in
  stackwright.nova.keystone_bootstrap:
    auth_url: http://controller:5000/v3
    password: "{{ admin_password }}"
    endpoints:
      public: http://controller:5000/v3
      internal: http://controller:5000/v3
      admin: http://controller:5000/v3
"""

RETURN = r"""
key_repositories:
  description: The directories of keys, and the numbers of the keys in them.
  returned: with O(stage=keys)
  type: list
  elements: dict
  sample:
    - path: /etc/keystone/fernet-keys
      keys: [0, 1]
    - path: /etc/keystone/credential-keys
      keys: [0, 1]
user_id:
  description: ID of the administrator; V(null) if it is not known in check mode.
  returned: with O(stage=admin)
  type: str
  sample: 1db2d9f0cd9c4b5e8cb1f4d5e0ec38a5
project_id:
  description: ID of the project; V(null) if it is not known in check mode.
  returned: with O(stage=admin)
  type: str
  sample: 9a1b0a6dd2d04d0c87b4ea0cf5b0c3a4
roles:
  description: Roles of the administrator on the project, implied ones included.
  returned: with O(stage=admin)
  type: list
  elements: str
  sample: [admin, manager, member, reader]
commands:
  description: What was run, or would be in check mode.
  returned: success
  type: list
  elements: str
  sample:
    - keystone-manage --config-file /etc/keystone/keystone.conf fernet_setup --keystone-user keystone
      --keystone-group keystone
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._keystone_bootstrap.operation import build
from ..module_utils._keystone_bootstrap.parameters import ARGUMENTS, CONSTRAINTS


def main() -> None:
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS), build)


if __name__ == "__main__":
    main()
