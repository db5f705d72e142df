#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: service_files
short_description: Write all files of a service in one task, and try its account on the message queue first
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Logs in to the message queue, sets options as M(stackwright.nova.nova_conf_ini) does, and then lines, small files
    and links as M(stackwright.nova.file_lines) does.
  - Where the login or an option is refused, nothing is written.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
  - stackwright.nova.oslo_files
  - stackwright.nova.text_files
  - stackwright.nova.message_queue
options:
  assumed_release:
    description:
      - The release whose options count, as O(release) names it, where O(release=auto) finds none on the host. With
        it check mode takes the way of the later real run, before and after the packages are installed.
      - With O(validate=strict) a real run still needs the service on the host.
    type: str
    default: ""
  message_queue:
    description:
      - The account with which the service logs in to the message queue. It is tried before anything is written,
        because a service with a wrong password says nothing and tries again for ever.
      - In check mode a broker that refuses it, or does not answer yet, is a warning.
seealso:
  - module: stackwright.nova.nova_conf_ini
  - module: stackwright.nova.file_lines
"""

EXAMPLES = r"""
- name: Write the files of Glance
  stackwright.nova.service_files:
    service: glance
    owner: root
    group: glance
    message_queue:
      hosts: [controller1, controller2]
      user: openstack
      password: "{{ cloud_message_queue_password }}"
    files:
      - path: /etc/glance/glance-api.conf
        options:
          DEFAULT:
            transport_url: "{{ cloud_transport_url }}"
    lines:
      - path: /etc/glance/glance-api-uwsgi.ini
        regexp: '^processes\s*='
        line: processes = 2
"""

RETURN = r"""
hosts:
  description: What each broker said, C(accepted) or C(silent).
  type: dict
  returned: success, with O(message_queue)
  sample: {controller: accepted}
files:
  description: O(files), in the order of the task, as M(stackwright.nova.nova_conf_ini) returns them.
  returned: success, with O(files)
  type: list
  elements: dict
  sample: [{path: /etc/glance/glance-api.conf, options_changed: [DEFAULT/transport_url], changed: true}]
paths_changed:
  description: Paths among O(files), O(lines), O(plain_files) and O(links) that were (or would be) changed.
  returned: success, with one of them
  type: list
  elements: str
  sample: [/etc/glance/glance-api.conf]
release:
  description: The series whose options counted; empty when nothing was checked.
  returned: success
  type: str
  sample: zed
commands:
  description: The changes, in order, without secrets; the same in check mode.
  returned: success
  type: list
  elements: str
  sample: [write /etc/glance/glance-api-uwsgi.ini]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run_all
from ..module_utils._nova_conf_ini.parameters import CONSTRAINTS
from ..module_utils._service_files.operation import build
from ..module_utils._service_files.parameters import ARGUMENTS, HIDDEN


def main() -> None:
    """Run the module."""
    module = AnsibleModule(ARGUMENTS, supports_check_mode=True, **CONSTRAINTS)
    # As in nova_conf_ini: only the secrets among the values are masked in the result.
    module.no_log_values.clear()
    run_all(module, build, hidden=HIDDEN)


if __name__ == "__main__":
    main()
