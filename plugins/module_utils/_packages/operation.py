# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``packages``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._shared.package_family import is_red_hat
from .client import Apt, Dnf, PackageManager
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class Packages(Operation[Desired, State, PackageManager]):
    """Packages that are there, their services not started."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """One look at the package manager's database."""
        return self.client.read()

    def nothing(self) -> State:
        """Nothing installed."""
        return State(tools=self.client.tools)

    def apply(self, current: State, plan: Plan[PackageManager]) -> Mapping[str, Any]:
        """Carry the commands out; the first that fails is the last. Services are let go in any case."""
        try:
            for step in plan.steps:
                self.carry_out(step, self.client)
        finally:
            self.client.release()
        return {}


def build(task: Task) -> Packages:
    """The operation that the module's parameters describe."""
    manager: PackageManager = Apt(task.params["lock_timeout"], warn=task.warn)
    if is_red_hat():
        manager = Dnf()
    return Packages(desired(task.params), manager)
