# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``virtual_environment``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import EnvironmentHost, LocalHost
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class VirtualEnvironment(Operation[State, Plan[EnvironmentHost]]):
    """A release in a virtual environment, and what a package would bring with it."""

    desired: Desired
    host: EnvironmentHost

    def read(self) -> State:
        """One look at all of it."""
        return self.host.read(self.desired)

    def plan(self, current: State) -> Plan[EnvironmentHost]:
        """See ``plan.plan``."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[EnvironmentHost]) -> Mapping[str, Any]:
        """One thing after the other."""
        for step in plan.steps:
            self.carry_out(step, self.host)
        return {}


def build(task: Task) -> VirtualEnvironment:
    """The operation that the module's parameters describe."""
    return VirtualEnvironment(desired(task.params), LocalHost())
