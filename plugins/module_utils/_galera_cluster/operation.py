# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``galera_cluster``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._engine.waiting import Clock, wait_until
from .client import LocalNode
from .parameters import Desired, desired
from .plan import plan
from .state import State

_INTERVAL = 1.0


@dataclass
class GaleraCluster(Operation[Desired, State, LocalNode]):
    """A node of the database that is in one cluster with others."""

    timeout: float
    clock: Clock = time

    decide = staticmethod(plan)

    def read(self) -> State:
        """What this node is like; the others were asked before."""
        return self.client.read()

    def nothing(self) -> State:
        """A node that is not installed."""
        return State()

    def apply(self, current: State, plan: Plan[LocalNode]) -> Mapping[str, Any]:
        """Begin or join, and wait until the node is a member."""
        super().apply(current, plan)
        seen = wait_until(
            lambda state: state.is_member,
            self.client.read,
            timeout=self.timeout,
            interval=_INTERVAL,
            clock=self.clock,
        )
        if not seen.is_member:
            raise CollectionError(
                "join",
                "cluster of the database with node",
                self.desired.name,
                f"after {self.timeout:g} seconds its server {'is in no cluster' if seen.runs else 'does not answer'}",
                "See the journal of its unit, and whether the nodes reach each other on ports 4444, 4567 and 4568",
                code="timeout",
            )
        return {"node": seen.described()}


def build(task: Task) -> GaleraCluster:
    """The operation that the module's parameters describe."""
    params = task.params
    node = LocalNode(params["unit"], params["data_directory"], params["timeout"])
    return GaleraCluster(desired(params), node, params["timeout"])
