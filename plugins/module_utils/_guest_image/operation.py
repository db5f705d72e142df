# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``guest_image``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import DebianBuilder, GuestBuilder
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class GuestImage(Operation[State, Plan[GuestBuilder]]):
    """A guest that boots by itself, as files."""

    desired: Desired
    builder: GuestBuilder

    def read(self) -> State:
        """Look for the files."""
        return self.builder.read(self.desired.directory)

    def plan(self, current: State) -> Plan[GuestBuilder]:
        """See ``plan.plan``."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[GuestBuilder]) -> Mapping[str, Any]:
        """Build them."""
        for step in plan.steps:
            self.carry_out(step, self.builder)
        return {}


def build(task: Task) -> GuestImage:
    """The operation that the module's parameters describe."""
    return GuestImage(desired(task.params), DebianBuilder())
