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
  - Renders the variables of the roles, each once, and derives from them what each service has on the host.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
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
  register: cloud_description
"""

RETURN = r"""
platform:
  description: The data of the host's platform.
  type: dict
  returned: success
  sample: {release: zed}
cloud:
  description: Properties of the cloud as the host sees it.
  type: dict
  returned: success
  sample: {controllers: [controller1], scheme: http, several: false}
services:
  description: What the roles of the host are given, by the names of the services.
  type: dict
  returned: success
  sample: {placement: {name: placement, packages: [placement-api]}}
secret_names:
  description: The secrets that are generated for this cloud.
  type: list
  elements: str
  returned: success
  sample: [cloud_nova_password]
rotated:
  description: The secrets that C(cloud_rotated_secrets) names.
  type: list
  elements: str
  returned: success
  sample: []
secrets:
  description: All secrets of the file by name.
  type: dict
  returned: with C(cloud_secrets_file)
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
