# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``message_queue_cluster``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import LocalBroker
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class MessageQueueCluster(Operation[Desired, State, LocalBroker]):
    """A broker that is in one cluster with others."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """What this broker is like; the others were asked before."""
        return self.client.read()

    def nothing(self) -> State:
        """No broker installed."""
        return State()

    def apply(self, current: State, plan: Plan[LocalBroker]) -> Mapping[str, Any]:
        """Start or join, and see whether the broker is in the cluster."""
        super().apply(current, plan)
        current = self.client.read()
        if plan.result.get("seed", current.node) not in current.members:
            raise CollectionError(
                "join",
                "cluster of broker",
                str(plan.result["seed"]),
                f"rabbitmqctl succeeded, and {current.node} knows only {', '.join(current.members)}",
                "See the logs of both brokers",
                code="not_effective",
            )
        return {"broker": current.described()}


def build(task: Task) -> MessageQueueCluster:
    """The operation that the module's parameters describe."""
    return MessageQueueCluster(desired(task.params), LocalBroker())
