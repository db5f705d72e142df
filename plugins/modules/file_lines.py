#!/usr/bin/python
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
module: file_lines
short_description: Single lines of any number of text files, whole ones, and links, in one call
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Sets single lines in files that are no oslo.config files, such as those of uwsgi or below C(/etc/default).
  - All files are read and written by one process. A file is replaced at once, and only if a line of it differs;
    it keeps its owner, and its mode unless O(plain_files) has another one.
extends_documentation_fragment:
  - stackwright.nova.attributes
  - stackwright.nova.internal
  - stackwright.nova.text_files
seealso:
  - module: ansible.builtin.lineinfile
  - module: stackwright.nova.nova_conf_ini
"""

EXAMPLES = r"""
- name: Set the number of workers of two APIs
  stackwright.nova.file_lines:
    lines:
      - path: /etc/nova/nova-api-uwsgi.ini
        regexp: '^processes\s*='
        line: processes = 4
      - path: /etc/neutron/neutron-api-uwsgi.ini
        regexp: '^processes\s*='
        line: processes = 2
    plain_files:
      - path: /usr/local/sbin/greet
        mode: "0755"
        content: |
          #!/bin/sh
          echo hello
    links:
      - path: /etc/httpd/conf.d/wsgi-keystone.conf
        target: /usr/share/keystone/wsgi-keystone.conf
"""

RETURN = r"""
paths_changed:
  description: The files and links that were (or would be) written.
  type: list
  elements: str
  returned: success
  sample: [/etc/nova/nova-api-uwsgi.ini]
commands:
  description: What was (or would be) done, in order.
  type: list
  elements: str
  returned: success
  sample: [write /etc/nova/nova-api-uwsgi.ini]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._engine.runner import run
from ..module_utils._file_lines.operation import build
from ..module_utils._file_lines.parameters import ARGUMENTS


def main() -> None:
    """Run the module."""
    run(AnsibleModule(ARGUMENTS, supports_check_mode=True), build)


if __name__ == "__main__":
    main()
