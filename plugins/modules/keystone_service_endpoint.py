#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: keystone_service_endpoint
short_description: Register services in Keystone, with their endpoints, users and roles
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Registers any number of services in one session. Each kind of thing is listed once, and only what differs
    is written.
  - Services and endpoints that exist more than once, which Keystone allows, are reduced to one.
  - A user's password is tried by authenticating with it. It is written only when that fails, because
    Keystone revokes the tokens of a user with each write of the password, even of the same.
  - Disabled services, endpoints, users and projects are enabled again.
  - Two runs at the same time end with one of each.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.openstack
options:
  services:
    description: The services.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Name of the service. With O(services[].type) it says which service is meant.
        type: str
        required: true
      type:
        description: Type that clients look the service up with, such as V(compute).
        type: str
        required: true
      description:
        description: What the service is, for people. Left alone when not given.
        type: str
      enabled:
        description: Whether the service is in the catalog that clients see.
        type: bool
        default: true
      region:
        description:
          - Region of the endpoints, created if needed.
          - A service with endpoints in several regions is listed once for each.
        type: str
        default: RegionOne
      endpoints:
        description:
          - URL for each interface (V(public), V(internal), V(admin)), registered exactly as given.
          - V(null) takes an endpoint out. Interfaces that are not named are left alone.
        type: dict
        default: {}
      user:
        description: User as which the service talks to the others.
        type: str
      password:
        description: Password of O(services[].user); needed if the user has yet to be created.
        type: str
      project:
        description: Project in which the user has its roles, created if needed.
        type: str
        default: service
      domain:
        description: Name or ID of the domain of user and project. It must exist and be enabled.
        type: str
        default: Default
      roles:
        description: Roles of the user on the project, created if needed. Other roles are left alone.
        type: list
        elements: str
        default: [admin, service]
  state:
    description:
      - V(absent) takes the services out, with their endpoints in O(services[].region), and their users where
        O(services[].user) is given. Projects, roles and regions stay, and so does a service that has
        endpoints in another region, with its user.
    type: str
    choices: [present, absent]
    default: present
  duplicates:
    description:
      - What to do when Keystone has a service, or an endpoint of one interface in one region, more than once.
      - V(heal) keeps one of them. Of services it is the one with the smallest ID, which takes over what the
        others have of endpoints; of endpoints it is the one with the right URL.
    type: str
    choices: [heal, fail]
    default: heal
  update_password:
    description:
      - V(always) writes the password of an existing user when authentication with it fails; V(on_create)
        never does.
    type: str
    choices: [always, on_create]
    default: always
notes:
  - The password of a disabled user cannot be tried. It is written when the user is enabled.
seealso:
  - module: openstack.cloud.endpoint
    description: >-
      It and M(openstack.cloud.identity_user) take a session for each thing, and do not try whether a password is
      right.
"""

EXAMPLES = r"""
- name: Register Nova and Placement
  stackwright.nova.keystone_service_endpoint:
    auth:
      auth_url: http://controller:5000/v3
      username: admin
      password: "{{ admin_password }}"
      project_name: admin
    services:
      - name: nova
        type: compute
        description: OpenStack Compute
        user: nova
        password: "{{ nova_password }}"
        endpoints:
          public: http://controller:8774/v2.1
          internal: http://controller:8774/v2.1
          admin: http://controller:8774/v2.1
      - name: placement
        type: placement
        description: Placement API
        user: placement
        password: "{{ placement_password }}"
        endpoints:
          public: http://controller:8778
          internal: http://controller:8778
          admin: http://controller:8778

- name: Take Placement out again, and its user
  stackwright.nova.keystone_service_endpoint:
    cloud: admin
    services:
      - name: placement
        type: placement
        user: placement
    state: absent
"""

RETURN = r"""
services:
  description: The services, in the order of O(services). IDs that are not known in check mode are V(null).
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the service.
      type: str
    type:
      description: Type of the service.
      type: str
    region:
      description: The region that RV(services[].endpoints) is about.
      type: str
    id:
      description: ID of the service; V(null) if there is none.
      type: str
    endpoints:
      description: Its endpoints in this region by interface, with C(id), C(url) and C(region).
      type: dict
    user_id:
      description: ID of the user.
      type: str
    project_id:
      description: ID of the project.
      type: str
    roles:
      description: All roles that the user has on the project.
      type: list
      elements: str
  sample:
    - name: nova
      type: compute
      region: RegionOne
      id: 2ec4d11c66ce4ec5adc1b5e0b30cbbfd
      endpoints:
        public:
          id: 0d0a0fd2f3d34bdd8bbf0bd2a3a4ec1a
          url: http://controller:8774/v2.1
          region: RegionOne
      user_id: 1db2d9f0cd9c4b5e8cb1f4d5e0ec38a5
      project_id: 9a1b0a6dd2d04d0c87b4ea0cf5b0c3a4
      roles: [admin, service]
commands:
  description: What was done, or would be in check mode, as commands of the openstack client.
  returned: success
  type: list
  elements: str
  sample:
    - openstack region create RegionOne
    - openstack service create --name nova --description 'OpenStack Compute' compute
    - openstack endpoint create --region RegionOne nova public http://controller:8774/v2.1
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._keystone_service_endpoint.operation import build
from ..module_utils._keystone_service_endpoint.parameters import ARGUMENTS


def main() -> None:
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
