# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``firewall_access``."""

from __future__ import annotations

from dataclasses import dataclass

from .._clients.systemd import Systemd
from .._engine.operation import Operation, Task
from .client import Firewalls, LocalFirewalls
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class FirewallAccess(Operation[Desired, State, Firewalls]):
    """Ports that some hosts reach, in the firewalls that are on."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """The firewalls that are on."""
        return self.client.read()

    def nothing(self) -> State:
        """A host without systemd is none that could be deployed; no firewall of it is known."""
        return State()


def build(task: Task) -> FirewallAccess:
    """The operation that the module's parameters describe."""
    timeout = task.params["timeout"]
    return FirewallAccess(desired(task.params), LocalFirewalls(timeout, Systemd(timeout)))
