# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``wheelhouse``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import Pip, WheelBuilder
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class Wheelhouse(Operation[State, Plan[WheelBuilder]]):
    """The wheels of a lock, in one archive."""

    desired: Desired
    builder: WheelBuilder

    def read(self) -> State:
        """Look for the archive."""
        return self.builder.read(self.desired)

    def plan(self, current: State) -> Plan[WheelBuilder]:
        """See ``plan.plan``."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[WheelBuilder]) -> Mapping[str, Any]:
        """Build it."""
        for step in plan.steps:
            self.carry_out(step, self.builder)
        return {}


def build(task: Task) -> Wheelhouse:
    """The operation that the module's parameters describe."""
    wish = desired(task.params)
    # Proxies and indexes may have passwords in their URLs.
    task.redactor.learn_urls(wish.index_url, *wish.environment.values())
    return Wheelhouse(wish, Pip())
