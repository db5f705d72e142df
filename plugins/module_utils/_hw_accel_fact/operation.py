# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``hw_accel_fact``."""

from __future__ import annotations

from dataclasses import dataclass, replace

from .._engine.operation import Operation, Task
from .client import LocalProcessor, Processor
from .decision import device_problem
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class HwAccelFact(Operation[Desired, State, Processor]):
    """Looks at the host as far as the task asks, then decides."""

    decide = staticmethod(plan)
    reads_only = True

    def read(self) -> State:
        """What this host shows; a guest is booted only on a device that can be used."""
        host = self.client.collect(self.desired.probe)
        if self.desired.probe != "guest" or device_problem(host):
            return host
        return replace(host, guest=self.client.boot(host.architecture, self.desired.timeout))


def build(task: Task) -> HwAccelFact:
    """The operation that the module's parameters describe."""
    return HwAccelFact(desired(task.params), LocalProcessor())
