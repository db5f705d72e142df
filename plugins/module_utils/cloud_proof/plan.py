# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: nothing is ever to be done."""

from __future__ import annotations

from ..engine.plan import Plan
from ..engine.proof import require_proven
from .client import CloudReader
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[CloudReader]:
    """The proof as the module's result. Raises CollectionError where a part is missing."""
    require_proven("cloud", current.cloud, current.parts)
    return Plan(result={"proven": True, "parts": [part.as_dict() for part in current.parts]})
