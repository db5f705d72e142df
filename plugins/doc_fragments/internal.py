# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """Marks what only the roles of this collection use. All else is public."""

    DOCUMENTATION = r"""
attributes:
  internal:
    support: full
    description:
      - It serves the roles of this collection. Its name, parameters and results may change in any version.
"""
