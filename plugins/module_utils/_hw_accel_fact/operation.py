# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``hw_accel_fact``."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable

from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import collect
from .decision import device_problem
from .guest import boot_guest
from .parameters import Desired, desired
from .plan import plan
from .state import GuestTrial, State


class HwAccelFact(Operation[State, Plan[None]]):
    """Looks at the host as far as the task asks, then decides."""

    reads_only = True

    def __init__(
        self,
        desired: Desired,
        collect: Callable[[str], State] = collect,
        boot_guest: Callable[[str, float], GuestTrial] = boot_guest,
    ) -> None:
        self.desired = desired
        self.collect = collect
        self.boot_guest = boot_guest

    def read(self) -> State:
        """What this host shows; a guest is booted only on a device that can be used."""
        host = self.collect(self.desired.probe)
        if self.desired.probe != "guest" or device_problem(host):
            return host
        return replace(host, guest=self.boot_guest(host.architecture, self.desired.timeout))

    def plan(self, current: State) -> Plan[None]:
        """The fact."""
        return plan(self.desired, current)


def build(task: Task) -> HwAccelFact:
    """The operation that the module's parameters describe."""
    return HwAccelFact(desired(**task.params))
