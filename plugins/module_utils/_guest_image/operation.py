# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``guest_image``."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.operation import Operation, Task
from .client import DebianBuilder
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class GuestImage(Operation[Desired, State, DebianBuilder]):
    """A guest that boots by itself, as files."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Look for the files."""
        return self.client.read(self.desired.directory)


def build(task: Task) -> GuestImage:
    """The operation that the module's parameters describe."""
    return GuestImage(desired(task.params), DebianBuilder())
