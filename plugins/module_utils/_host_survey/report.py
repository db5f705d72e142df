# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The survey as a result. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from .parameters import Desired
from .state import State


def report(desired: Desired, current: State) -> dict[str, Any]:
    """What was seen."""
    survey = asdict(current)
    facts = survey.pop("facts")
    return {"survey": survey, "ansible_facts": facts}
