# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``host_survey``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Callable

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import look
from .facts import platform_facts
from .parameters import Desired, desired
from .plan import plan
from .state import State


class HostSurvey(Operation[State, Plan[None]]):
    """Looks at the host."""

    reads_only = True

    def __init__(
        self,
        desired: Desired,
        facts: Callable[[], Mapping[str, str]] = platform_facts,
        look: Callable[[Desired], State] = look,
    ) -> None:
        self.desired = desired
        self.facts = facts
        self.look = look

    def read(self) -> State:
        """What this host is like."""
        return replace(self.look(self.desired), facts=self.facts())

    def plan(self, current: State) -> Plan[None]:
        """The result."""
        return plan(self.desired, current)


def build(task: Task) -> HostSurvey:
    """The operation that the module's parameters describe."""
    return HostSurvey(desired(task.params))
