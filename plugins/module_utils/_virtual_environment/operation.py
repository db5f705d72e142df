# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``virtual_environment``."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.operation import Operation, Task
from .client import LocalHost
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class VirtualEnvironment(Operation[Desired, State, LocalHost]):
    """A release in a virtual environment, and what a package would bring with it."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """One look at all of it."""
        return self.client.read(self.desired)


def build(task: Task) -> VirtualEnvironment:
    """The operation that the module's parameters describe."""
    return VirtualEnvironment(desired(task.params), LocalHost())
