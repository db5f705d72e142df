# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``host_info``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .look import look
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class HostInfo(Operation[State, Plan[None]]):
    """Looks at a host, and changes nothing."""

    desired: Desired
    look: Callable[[Desired], State] = look

    reads_only = True

    def read(self) -> State:
        """One look."""
        return self.look(self.desired)

    def plan(self, current: State) -> Plan[None]:
        """See ``plan.plan``."""
        return plan(self.desired, current)


def build(task: Task) -> HostInfo:
    """The operation that the module's parameters describe."""
    return HostInfo(desired(task.params))
