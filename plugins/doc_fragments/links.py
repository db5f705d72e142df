# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Symbolic links that a module manages in addition to files."""

    DOCUMENTATION = r"""
options:
  links:
    description: Symbolic links.
    type: list
    elements: dict
    default: []
    suboptions:
      path:
        description: The link. What is there and is no link stays, and the task fails.
        type: path
        required: true
      target:
        description: What it leads to, which may be yet to come.
        type: path
        required: true
"""
