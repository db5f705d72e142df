# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``open_vswitch``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._clients.ovsdb import Ovsdb
from .._clients.systemd import Systemd
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._engine.waiting import Clock, wait_until
from .client import LocalSwitch, VirtualSwitch
from .parameters import Desired, desired
from .plan import plan
from .state import Link, State

# The switch takes what it finds in its database within moments.
_SETTLE = 15
_INTERVAL = 0.25


@dataclass
class OpenVswitch(Operation[Desired, State, VirtualSwitch]):
    """Open vSwitch, running, with its bridges and settings."""

    clock: Clock = time

    decide = staticmethod(plan)

    def read(self) -> State:
        """The database of Open vSwitch, its units, and the interfaces that shall be ports."""
        return self.client.read(self.desired)

    def nothing(self) -> State:
        """Not installed; whether its ports can be had, the installed one finds out."""
        return State(links=dict.fromkeys(self.desired.ports, Link()))

    def apply(self, current: State, plan: Plan[VirtualSwitch]) -> Mapping[str, Any]:
        """Change it, and start what does not run."""
        super().apply(current, plan)
        self._require_forwarding()
        return {}

    def confirm(self, current: State, plan: Plan[VirtualSwitch]) -> Mapping[str, Any]:
        """Look here, too: what an earlier run asked for, the switch may have refused."""
        if self._faults(current):
            self._require_forwarding()
        return {}

    def _require_forwarding(self) -> None:
        """Wait until the switch has taken all bridges and ports. ovs-vsctl succeeds even where it has not."""
        faults = wait_until(
            lambda faults: not faults,
            lambda: self._faults(self.client.read(self.desired)),
            timeout=_SETTLE,
            interval=_INTERVAL,
            clock=self.clock,
        )
        for name, cause in faults.items():
            raise CollectionError(
                "forward packets of",
                "bridge or port",
                name,
                cause or "Open vSwitch has not taken it",
                "See /var/log/openvswitch/ovs-vswitchd.log there; where the kernel has no module openvswitch, bridges "
                "need the datapath netdev",
                code="not_forwarding",
            )

    def _faults(self, current: State) -> dict[str, str]:
        names = [*(bridge.name for bridge in self.desired.bridges), *self.desired.ports]
        return {name: current.faults[name] for name in names if name in current.faults}


def build(task: Task) -> OpenVswitch:
    """The operation that the module's parameters describe."""
    params = task.params
    database = Ovsdb(params["database_file"], params["database_socket"], params["timeout"])
    return OpenVswitch(
        desired(params),
        LocalSwitch(database, params["database_file"], Systemd(params["timeout"])),
    )
