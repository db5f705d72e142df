#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: virtual_environment
short_description: Install a release from PyPI, with all that a package would bring along
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Installs the wheels of a release into a separate virtual environment below C(/opt/stackwright), has the link
    C(/opt/stackwright/release) lead to it, and links its programs into C(/usr/local/bin). The modules of this
    collection then run with its Python, and so see the release that the services run.
  - Also makes what a distribution's package makes, users, directories, units, rules of sudo and other files. No
    unit is enabled or started.
  - The wheels come from an archive of the control node (M(stackwright.nova.wheelhouse)), which is sent only to hosts
    that lack them. An installation that was cut is seen, and done again.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
options:
  name:
    description: The release; the virtual environment is called so.
    type: str
    required: true
  lock:
    description: The lock on the control node that the wheels were built from. Another one means other packages.
    type: path
    required: true
  wheelhouse:
    description: The archive of the wheels on the control node.
    type: path
    required: true
  python:
    description: The Python that the environment is made with.
    type: path
    default: /usr/bin/python3
  digest:
    description: What identifies the lock. This collection sets it; tasks do not.
    type: str
    default: ''
  archive:
    description: The archive of the wheels on the host. This collection sets it; tasks do not.
    type: path
  programs:
    description: Programs of the environment that are linked into C(/usr/local/bin).
    type: list
    elements: str
    default: []
  services:
    description:
      - What belongs to each service, a system user and group of its name, the directories C(/etc/NAME),
        C(/var/lib/NAME) (its home) and C(/var/log/NAME), and the rotation of its logs.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description: Name of the service. One that is named several times gets the groups of all entries.
        type: str
        required: true
      groups:
        description: Additional groups of its user; others stay.
        type: list
        elements: str
        default: []
      shell:
        description: Login shell of a new user.
        type: path
        default: /usr/sbin/nologin
      home_mode:
        description: Permission bits of its home, an octal number.
        type: str
        default: "0750"
      rootwrap:
        description: Whether it may run programs as root by its rootwrap, whose filters are among the O(files).
        type: bool
        default: false
  apis:
    description: APIs that uwsgi serves, each a unit with a file C(/etc/SERVICE/UNIT-uwsgi.ini), which is left to
      whoever edits it.
    type: list
    elements: dict
    default: []
    suboptions:
      unit:
        description: Name of the unit.
        type: str
        required: true
      service:
        description: The service that it belongs to, and runs as.
        type: str
        required: true
      script:
        description: The WSGI script, a program of the environment.
        type: str
        required: true
      port:
        description: TCP port.
        type: int
        required: true
  daemons:
    description: Programs of the environment, each a unit of its name.
    type: list
    elements: dict
    default: []
    suboptions:
      unit:
        description: Name of the unit and of the program.
        type: str
        required: true
      service:
        description: The service that it belongs to, and runs as.
        type: str
        required: true
      arguments:
        description: Its arguments.
        type: list
        elements: str
        default: []
      keeps_children:
        description: Whether processes that it has started stay when it stops.
        type: bool
        default: false
  folders:
    description: Directories, those that hold others first.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The directory.
        type: path
        required: true
      owner:
        description: Its user.
        type: str
        default: root
      group:
        description: Its group.
        type: str
        default: root
      mode:
        description: Its permission bits, an octal number.
        type: str
        default: "0755"
  files:
    description: Files that belong to root. Each has either a content or a source.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The file.
        type: path
        required: true
      content:
        description: All of its text.
        type: str
      source:
        description: A file of the virtual environment whose text it has, such as V(etc/nova/api-paste.ini).
        type: str
      mode:
        description: Its permission bits, an octal number.
        type: str
        default: "0644"
      group:
        description: Its group.
        type: str
        default: root
      keep:
        description: Whether the file is only written where there is none, and then left to others.
        type: bool
        default: false
seealso:
  - module: stackwright.nova.packages
  - module: stackwright.nova.wheelhouse
"""

EXAMPLES = r"""
- name: Install Placement of 2024.1
  stackwright.nova.virtual_environment:
    name: "2024.1"
    lock: "{{ role_path }}/files/releases/2024.1-python3.11.txt"
    wheelhouse: ~/wheelhouses/2024.1.tar
    programs: [placement-manage]
    services: [{name: placement}]
    apis: [{unit: placement-api, service: placement, script: placement-api, port: 8778}]
"""

RETURN = r"""
path:
  description: The virtual environment.
  type: str
  returned: success
  sample: /opt/stackwright/2024.1
installed:
  description: Whether packages were (or would be) installed.
  type: bool
  returned: success
  sample: true
paths_changed:
  description: The files that were (or would be) written.
  type: list
  elements: str
  returned: success
  sample: [/etc/systemd/system/placement-api.service]
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: ["uv pip sync --no-index --require-hashes # /opt/stackwright/2024.1", systemctl daemon-reload]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._virtual_environment.operation import build
from ..module_utils._virtual_environment.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build, uses_services=False)


if __name__ == "__main__":
    main()
