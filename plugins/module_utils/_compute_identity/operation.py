# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``compute_identity`` that is not the certificate's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import KeyStore, LocalKeyStore
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class ComputeIdentity(Operation[Desired, State, KeyStore]):
    """The SSH key with which other compute hosts know Nova's user."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Keys of the host."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """A host without a key, but with an SSH server, over which it is reached."""
        return State(host_keys=("",))

    def apply(self, current: State, plan: Plan[KeyStore]) -> Mapping[str, Any]:
        """Make the key, and return its public half."""
        super().apply(current, plan)
        return {"public_key": self.client.read(self.desired).user_key}


def build(task: Task) -> ComputeIdentity:
    """The operation that the module's parameters describe."""
    return ComputeIdentity(desired(task.params), LocalKeyStore())
