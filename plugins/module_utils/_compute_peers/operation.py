# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``compute_peers``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import LocalPeerFiles, PeerFiles, program
from .parameters import Desired, desired
from .plan import plan
from .state import State


class ComputePeers(Operation[State, Plan[PeerFiles]]):
    """The compute hosts that this one lets in."""

    def __init__(self, desired: Desired, files: PeerFiles) -> None:
        self.desired = desired
        self.files = files

    def read(self) -> State:
        """OpenSSH's files."""
        return self.files.read(self.desired)

    def nothing(self) -> State:
        """A host without Nova's user; what its home will be called makes no difference."""
        return State("~", program())

    def plan(self, current: State) -> Plan[PeerFiles]:
        """The files that differ."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[PeerFiles]) -> Mapping[str, Any]:
        """Write them."""
        for step in plan.steps:
            self.carry_out(step, self.files)
        return {}


def build(task: Task) -> ComputePeers:
    """The operation that the module's parameters describe."""
    return ComputePeers(desired(**task.params), LocalPeerFiles())
