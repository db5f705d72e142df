# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``firewall_access``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._clients.systemd import Systemd
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import Firewalls, LocalFirewalls
from .parameters import Desired, desired
from .plan import plan
from .state import State


class FirewallAccess(Operation[State, Plan[Firewalls]]):
    """Ports that some hosts reach, in the firewalls that are on."""

    def __init__(self, desired: Desired, firewalls: Firewalls) -> None:
        self.desired = desired
        self.firewalls = firewalls

    def read(self) -> State:
        """The firewalls that are on."""
        return self.firewalls.read()

    def nothing(self) -> State:
        """A host without systemd is none that could be deployed; no firewall of it is known."""
        return State()

    def plan(self, current: State) -> Plan[Firewalls]:
        """What differs."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[Firewalls]) -> Mapping[str, Any]:
        """Change it."""
        for step in plan.steps:
            self.carry_out(step, self.firewalls)
        return {}


def build(task: Task) -> FirewallAccess:
    """The operation that the module's parameters describe."""
    timeout = task.params["timeout"]
    return FirewallAccess(desired(task.params["openings"]), LocalFirewalls(timeout, Systemd(timeout)))
