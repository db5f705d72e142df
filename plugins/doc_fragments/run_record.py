# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Where the records of runs are: what the callback and the lookup run_record have in common."""

    DOCUMENTATION = r"""
options:
  directory:
    description:
      - Directory of the records, one folder for each inventory, and in it one file for each playbook, of its last run.
      - A run in check mode has a separate file.
    type: path
    default: ~/.ansible/stackwright/runs
    env:
      - name: STACKWRIGHT_RUN_RECORDS
    ini:
      - section: callback_run_record
        key: directory
"""
