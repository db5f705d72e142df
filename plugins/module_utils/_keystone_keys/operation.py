# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``keystone_keys``."""

from __future__ import annotations

from dataclasses import dataclass

from .._engine.operation import Operation, Task
from .client import LocalKeys
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class KeystoneKeys(Operation[Desired, State, LocalKeys]):
    """The keys of this host's Keystone."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """All of them."""
        return self.client.read(self.desired.directories)

    def nothing(self) -> State:
        """No keys."""
        return State({path: {} for path in self.desired.directories})


def build(task: Task) -> KeystoneKeys:
    """The operation that the module's parameters describe."""
    made = desired(task.params)
    for keys in (made.keys or {}).values():
        for key in keys.values():
            task.redactor.learn(key)
    return KeystoneKeys(made, LocalKeys(task.params["run_as"]))
