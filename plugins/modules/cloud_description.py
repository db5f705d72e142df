#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cloud_description
short_description: Read the secrets of a cloud and what a host's platform calls things, in one task
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Reads the file of secrets as M(stackwright.nova.secrets_file) does, and generates what it lacks.
  - Finds out the host's distribution, its major version and its node name, unless they are among the facts already.
  - Reads the data file of that platform. A platform without such a file is refused, with the names of those known.
extends_documentation_fragment: stackwright.nova.attributes
options:
  platforms:
    description:
      - A folder of the control node with one YAML file for each platform, called by the distribution and its major
        version, such as C(Debian-12.yml). What stands below C(__cloud_platform) in it is returned.
    type: path
    required: true
  source:
    description:
      - Where the services' packages come from, V(distribution) or V(virtualenv), that is PyPI. For the
        latter, the file of the same name in the folder C(virtualenv) takes the place of parts of the platform's own.
    type: str
    default: distribution
  release:
    description: The release of OpenStack, required with V(virtualenv). One that the platform does not have is refused.
    type: str
    default: ''
  changes:
    description:
      - What is otherwise on the host than in its platform's file, in the form of that file; dictionaries part by part.
      - For a host with packages of the site's own. The checks of O(release) do not know them.
    type: dict
    default: {}
  argument_specs:
    description:
      - A file of argument specifications as roles have them. The variables of the host are validated by its entry
        C(description); without it they are not.
    type: path
  defaults:
    description:
      - The file of a role's defaults. Of the variables in O(argument_specs) those that have the value of this file are
        not validated again, only those that somebody has set.
    type: path
  secrets_file:
    description: The file of secrets. When empty, RV(secrets) is not returned.
    type: str
    default: ''
  names:
    description: The secrets that the file must hold.
    type: list
    elements: str
    default: []
  replace:
    description: Secrets that get a new random value although the file has one.
    type: list
    elements: str
    default: []
  predicted_secrets:
    description:
      - The RV(secrets) of an earlier call of this run. In check mode, which writes none, they count more than those
        that this call would generate.
    type: dict
    default: {}
  predicted_files:
    description: Files of the host that earlier plays would change, for check mode. They are returned.
    type: list
    elements: str
    default: []
notes:
  - Runs on the control node; only the facts are gathered on the host, and only where they are missing.
  - The result is not shown once it holds secrets. Register it, and do not keep it as facts, which a fact cache would
    write to a disk.
seealso:
  - module: stackwright.nova.secrets_file
"""

EXAMPLES = r"""
- name: Describe the cloud
  stackwright.nova.cloud_description:
    platforms: "{{ role_path }}/vars"
    secrets_file: /root/cloud-secrets.yml
    names: [cloud_nova_password]
  register: cloud_description
"""

RETURN = r"""
platform:
  description: The data of the host's platform.
  type: dict
  returned: success
  sample: {release: zed}
secrets:
  description: All secrets of the file by name.
  type: dict
  returned: with O(secrets_file)
  sample: {cloud_nova_password: "32 letters, digits, - and _"}
predicted_files:
  description: What O(predicted_files) says.
  type: list
  elements: str
  returned: success
  sample: [/etc/nova/nova.conf]
ansible_facts:
  description: The facts C(distribution), C(distribution_major_version) and C(nodename).
  type: dict
  returned: when one of them was missing
  sample: {ansible_distribution: Debian, ansible_distribution_major_version: "12", ansible_nodename: compute1}
"""
