# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

DOCUMENTATION = r"""
name: run_record
short_description: Read the record of a playbook's last run over this inventory
version_added: 0.1.0
author: The stackwright.nova authors (@stackwright)
description:
  - Returns what the callback P(stackwright.nova.run_record#callback) has kept. Without a record, an empty dictionary.
options:
  _terms:
    description: Names of playbooks, such as V(site). Of several the record that was made last is returned.
    required: true
  check_mode:
    description: Whether the record of a run in check mode is read, instead of that of a real run.
    type: bool
    default: false
extends_documentation_fragment:
  - stackwright.nova.run_record
  - stackwright.nova.internal
"""

EXAMPLES = r"""
- name: Tell how long the last deployment took
  ansible.builtin.debug:
    msg: "{{ lookup('stackwright.nova.run_record', 'site').seconds | default('nobody knows') }}"
"""

RETURN = r"""
_raw:
  description: The record, or an empty dictionary.
  type: list
  elements: dict
"""

import json
from typing import Any

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase

from ..module_utils._engine.file_errors import file_error
from ..plugin_utils._run_record import record_path


class LookupModule(LookupBase):
    """Finds the file and reads it."""

    def run(self, terms: list[str], variables: Any = None, **kwargs: Any) -> list[dict[str, Any]]:
        """One record; the result described above."""
        self.set_options(var_options=variables, direct=kwargs)
        inventory = tuple(context.CLIARGS.get("inventory") or ())
        check_mode = self.get_option("check_mode")
        paths = [record_path(self.get_option("directory"), inventory, name, check_mode) for name in terms]
        there = [path for path in paths if path.is_file()]
        if not there:
            return [{}]
        newest = max(there, key=lambda path: path.stat().st_mtime)
        try:
            record: dict[str, Any] = json.loads(newest.read_text(encoding="utf-8"))
        except OSError as error:
            raise AnsibleLookupError(str(file_error("read", "record", str(newest), error))) from error
        except ValueError as error:
            raise AnsibleLookupError(
                f"Cannot read record {newest}: {error}. Remove it; the next run makes another one."
            ) from error
        return [record]
