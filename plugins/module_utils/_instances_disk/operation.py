# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``instances_disk``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._clients.systemd import Systemd
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import Disks, LocalDisks
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class InstancesDisk(Operation[Desired, State, Disks]):
    """A disk for the instances: partition, file system, mount, owner, and the line in /etc/fstab."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """The disk, and the place where it is to be mounted."""
        return self.client.read(self.desired)

    def apply(self, current: State, plan: Plan[Disks]) -> Mapping[str, Any]:
        """Do it, step after step; each leaves something that the next run knows."""
        super().apply(current, plan)
        return {"uuid": self.client.uuid(plan.result["partition"])}


def build(task: Task) -> InstancesDisk:
    """The operation that the module's parameters describe."""
    timeout = task.params["timeout"]
    return InstancesDisk(desired(task.params), LocalDisks(timeout, Systemd(timeout)))
