# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations


class ModuleDocFragment:
    """What every module of this collection promises."""

    DOCUMENTATION = r"""
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode) and predicts the same RV(ignore:commands) and diff that a real run has.
    details:
      - Where the server or the program that holds the state is not there yet (a host on which nothing was
        installed), check mode plans as if nothing existed and says so in a warning.
  diff_mode:
    support: full
    description: Shows what changed (or would change), without secrets, when in diff mode.
  idempotent:
    support: full
    description: A second run with the same options changes nothing.
"""

    READ_ONLY = r"""
attributes:
  check_mode:
    support: full
    description: Can run in C(check_mode); the module only reads.
  diff_mode:
    support: N/A
    description: The module changes nothing.
  idempotent:
    support: full
    description: The module changes nothing.
"""
