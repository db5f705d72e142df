#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: cloud_check
short_description: Check hosts and the description of a cloud before anything is changed
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Judges what M(stackwright.nova.host_survey) saw on the hosts of the play, and what the inventory says of their
    cloud, and fails with all that cannot work, on all hosts, at once.
  - Hosts that cannot be reached are no findings, they drop out of a run in any case; controllers are, because nothing
    can be deployed without them.
  - Run it once for all hosts (C(run_once)), after M(stackwright.nova.host_survey), whose results must be registered as
    C(__cloud_survey).
options:
  platforms:
    description: A folder of the control node with one YAML file for each platform, called like C(Debian-12.yml).
    type: path
    required: true
  controller_group:
    description: The inventory group of the controllers.
    type: str
    default: controller
  internal_address:
    description: The address that keepalived keeps for the services, an empty string where it keeps none.
    type: str
    default: ''
  public_address:
    description: The one that it keeps for users.
    type: str
    default: ''
  shared_state:
    description: What is deployed on several controllers and must be the same on all of them.
    type: list
    elements: str
    default: []
  cell_controllers:
    description: The controllers of further cells, host to the cell that it names.
    type: dict
    default: {}
  tls:
    description: Whether the services speak TLS.
    type: bool
    default: false
  neighbours:
    description: The services that are deployed besides Nova.
    type: list
    elements: str
    default: []
  connections:
    description: Services of the site that hosts were asked to reach, URL to what it is.
    type: dict
    default: {}
  tls_urls:
    description: URLs that must be of https, variable to URL.
    type: dict
    default: {}
  plain_servers:
    description: Variables by which services would speak to their servers without TLS, although they must not.
    type: list
    elements: str
    default: []
  secrets_file:
    description: The file of secrets, empty for none. It is read, and not written.
    type: str
    default: ''
  certificates_directory:
    description: Where the cloud's own certificate authority is, or will be made; an empty string is nowhere.
    type: str
    default: ""
  generated_secrets:
    description: The secrets that are generated into that file.
    type: list
    elements: str
    default: []
  needed_secrets:
    description: The variables that must have a value once the file is read.
    type: list
    elements: str
    default: []
  ignored:
    description: Names of checks whose findings are left out.
    type: list
    elements: str
    default: []
notes:
  - Runs on the control node and needs no connection.
  - In check mode a service of the site that does not answer is a warning, because an earlier play may deploy it.
extends_documentation_fragment:
  - stackwright.nova.attributes.read_only
seealso:
  - module: stackwright.nova.host_survey
"""

EXAMPLES = r"""
- name: Look at the host
  stackwright.nova.host_survey:
    names: [controller1]
    declared:
      controller: "{{ inventory_hostname in groups.controller }}"
      compute: "{{ inventory_hostname in groups.compute }}"
      management_address: "{{ cloud_management_address | default('') }}"
  register: __cloud_survey

- name: Check all hosts
  stackwright.nova.cloud_check:
    platforms: /srv/platforms
    neighbours: [keystone, glance, placement, neutron]
  run_once: true
"""

RETURN = r"""
msg:
  description: All that cannot work, a line each, with the name of its check in brackets.
  type: str
  returned: failure
  sample: |-
    Cannot begin: one thing must be mended first. Nothing was changed on any host.
    - Cannot use host compute1: cloud_management_address is not set. Set it to the host's address on the network
      over which the services talk to each other. [address]
"""
