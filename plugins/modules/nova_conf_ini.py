#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: nova_conf_ini
short_description: Set options in nova.conf and other oslo.config files, checked against the installed release
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Sets any number of options of one file in one call and keeps everything else in it, byte for byte.
  - What is given in O(options) is what the service reads, whatever characters are in it.
  - Every option is checked against the release that is installed on the host, and nothing is written when one
    of them is wrong.
extends_documentation_fragment: stackwright.nova.attributes
options:
  path:
    description: The file.
    type: path
    required: true
  options:
    description:
      - Section to option to value. A value is a string, a number, a boolean, a list (for an option that has
        several values) or a dictionary (for an option of key and value pairs); V(null) takes the option out.
    type: dict
    default: {}
  raw_options:
    description: Like O(options), but written verbatim, so that C($my_ip) and C($group.option) are replaced.
    type: dict
    default: {}
  service:
    description: The service whose options count.
    type: str
    choices: [nova, keystone, glance, placement, neutron]
    default: nova
  release:
    description:
      - The release whose options count, V(auto) for the installed one. A series (V(zed), V(2023.1)) or a
        major version (V(26)) checks against the options that this collection knows of that release, unless
        it is the installed one.
    type: str
    default: auto
  validate:
    description: Refuse wrong options (V(strict)), only warn of them (V(warn)), or do not check (V(off)).
    type: str
    choices: [strict, warn, "off"]
    default: strict
  allow_unknown:
    description: Sections (C(section)) and options (C(section/option)) that are not checked; globs.
    type: list
    elements: str
    default: []
  other_files:
    description: The other files that the service reads with this one.
    type: list
    elements: path
    default: []
  exclusive_sections:
    description: Sections whose active options are taken out unless they are named.
    type: list
    elements: str
    default: []
  owner:
    description: The user that owns the file; kept when not given.
    type: str
  group:
    description: The group that owns the file; kept when not given.
    type: str
  mode:
    description:
      - The file's permissions, an octal number in quotes. When not given, a new file gets V(0640), and a file
        that is there keeps its mode, but is closed to the world once it holds a secret.
    type: str
  backup:
    description: Keep a copy of the file before it is changed.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Connect Nova to its database and its message queue
  stackwright.nova.nova_conf_ini:
    path: /etc/nova/nova.conf
    options:
      DEFAULT:
        my_ip: 10.0.0.11
        transport_url: rabbit://openstack:secret@controller:5672/
      database:
        connection: mysql+pymysql://nova:secret@controller/nova
"""

RETURN = r"""
path:
  description: The file.
  returned: success
  type: str
  sample: /etc/nova/nova.conf
options_changed:
  description: What was changed, as section/option.
  returned: success
  type: list
  elements: str
  sample: [DEFAULT/my_ip]
warnings:
  description: Deprecated and renamed options, with their present names.
  returned: success
  type: list
  elements: str
release:
  description: The release whose options counted.
  returned: success
  type: str
  sample: zed
commands:
  description: The changes, in order, without secrets.
  returned: success
  type: list
  elements: str
backup_file:
  description: The copy of the former file.
  returned: with O(backup), when there was a file and it was changed
  type: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.engine.redact import Redactor
from ..module_utils.engine.runner import run
from ..module_utils.oslo.conf_file import ConfFile
from ..module_utils.oslo.files import LocalFiles
from ..module_utils.oslo.installed import InstalledOptions
from ..module_utils.oslo.parameters import desired, knowledge
from ..module_utils.oslo.services import SERVICES

ARGUMENTS = {
    "path": {"type": "path", "required": True},
    "options": {"type": "dict", "default": {}, "no_log": True},
    "raw_options": {"type": "dict", "default": {}, "no_log": True},
    "service": {"type": "str", "default": "nova", "choices": list(SERVICES)},
    "release": {"type": "str", "default": "auto"},
    "validate": {"type": "str", "default": "strict", "choices": ["strict", "warn", "off"]},
    "allow_unknown": {"type": "list", "elements": "str", "default": []},
    "other_files": {"type": "list", "elements": "path", "default": []},
    "exclusive_sections": {"type": "list", "elements": "str", "default": []},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "mode": {"type": "str"},
    "backup": {"type": "bool", "default": False},
    # From the action plugin: what the control node knows of a release, or "ask".
    "_shipped": {"type": "str", "default": ""},
}


def build(module: AnsibleModule, redactor: Redactor) -> ConfFile:
    """The operation that the parameters describe."""
    schemas = InstalledOptions(keep=not module.check_mode)
    known = knowledge(module.params["_shipped"])
    return ConfFile(desired(module.params), LocalFiles(), schemas, redactor, known)


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    # no_log keeps all values out of the system's log; in the result only the secrets among them are masked.
    module.no_log_values.clear()
    run(module, build)


if __name__ == "__main__":
    main()
