# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``host_survey``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from .._engine.operation import Report, Task
from .client import look
from .parameters import Desired, desired
from .report import report
from .state import State


@dataclass
class HostSurvey(Report[Desired, State, Callable[[Desired], State]]):
    """Looks at the host."""

    judge = staticmethod(report)

    def read(self) -> State:
        """What this host is like."""
        return self.client(self.desired)


def build(task: Task) -> HostSurvey:
    """The operation that the module's parameters describe."""
    return HostSurvey(desired(task.params), look)
