# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``compute_identity``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._shared.certificate_files import OF_THE_CONTROL_NODE
from .parameters import Desired, desired
from .plan import plan
from .state import State
from .store import HostStore, LocalStore


@dataclass
class ComputeIdentity(Operation[Desired, State, HostStore]):
    """What a compute host proves itself with to the others."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Certificates and keys of the host."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """A host without any, but with an SSH server, over which it is reached."""
        return State(self.desired.trust, host_keys=("",))

    def apply(self, current: State, plan: Plan[HostStore]) -> Mapping[str, Any]:
        """Write it, and tell the request and the keys that were made."""
        super().apply(current, plan)
        after = self.plan(self.client.read(replace(self.desired, issued="")))
        return {name: after.result[name] for name in ("request", "public_key")}


def build(task: Task) -> ComputeIdentity:
    """The operation that the module's parameters describe."""
    there = {name: value for name, value in task.params.items() if name not in OF_THE_CONTROL_NODE}
    return ComputeIdentity(desired(**there), LocalStore())
