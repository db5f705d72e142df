#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: clouds_file
short_description: One cloud of a clouds.yaml
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Writes how clients reach a cloud, and as whom, into a C(clouds.yaml), as C(openstack --os-cloud) and all that is
    built on openstacksdk read it.
  - Other clouds of the file stay, and so does what else the cloud's entry has. The file is replaced at once, and
    only if something differs; its comments are lost then.
  - A file that is no YAML is left as it is, and the error quotes nothing of it.
extends_documentation_fragment: stackwright.nova.attributes
options:
  path:
    description: The file. It is created, and its folder if only that is missing.
    type: path
    default: /etc/openstack/clouds.yaml
  name:
    description: Name of the cloud in the file.
    type: str
    required: true
  auth:
    description:
      - Where to log in and as whom, by the names that the plugin of keystoneauth has for it.
      - All of it is secret but what is known to be public.
    type: dict
    default: {}
  options:
    description: What else the entry has, such as C(region_name), C(interface) or C(cacert); null stays out.
    type: dict
    default: {}
  mode:
    description: Permission bits of the file, an octal number.
    type: str
    default: "0600"
  state:
    description: Whether the file has the cloud.
    type: str
    choices: [present, absent]
    default: present
requirements:
  - python3-yaml on the host; every client of OpenStack brings it
seealso:
  - module: ansible.builtin.template
    description: It writes the whole file; this module changes one cloud and keeps the others.
  - module: stackwright.nova.keystone_bootstrap
"""

EXAMPLES = r"""
- name: Let root use the cloud as its administrator
  stackwright.nova.clouds_file:
    name: admin
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ cloud_admin_password }}"
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
    options:
      region_name: RegionOne
      interface: internal
      identity_api_version: 3
"""

RETURN = r"""
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: [write /etc/openstack/clouds.yaml]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._clouds_file.operation import build
from ..module_utils._clouds_file.parameters import ARGUMENTS, HIDDEN
from ..module_utils._engine.runner import run


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True)
    # Ansible would mask all of auth; "admin" must stay readable.
    module.no_log_values.clear()
    run(module, build, hidden=HIDDEN)


if __name__ == "__main__":
    main()
