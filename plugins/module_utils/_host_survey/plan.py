# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The survey as a result. Pure, and without steps."""

from __future__ import annotations

from dataclasses import asdict

from .._engine.plan import Plan
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[None]:
    """No steps; what was seen is the result."""
    survey = asdict(current)
    facts = survey.pop("facts")
    return Plan(result={"survey": survey, "declared": dict(desired.declared), "ansible_facts": facts})
