# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``open_vswitch``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..clients.ovsdb import Ovsdb
from ..clients.systemd import Systemd
from ..engine.operation import Operation, Task
from ..engine.plan import Plan
from .parameters import Desired, Services, desired
from .plan import plan
from .state import Link, State
from .switch import LocalSwitch, VirtualSwitch


class OpenVswitch(Operation[State, Plan[VirtualSwitch]]):
    """Open vSwitch, running, with its bridges and settings."""

    def __init__(self, desired: Desired, switch: VirtualSwitch) -> None:
        self.desired = desired
        self.switch = switch

    def read(self) -> State:
        """The database of Open vSwitch, its units, and the interfaces that shall be ports."""
        return self.switch.read(self.desired)

    def nothing(self) -> State:
        """Not installed; whether its ports can be had, the installed one finds out."""
        return State(links=dict.fromkeys(self.desired.ports, Link()))

    def plan(self, current: State) -> Plan[VirtualSwitch]:
        """What differs."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[VirtualSwitch]) -> Mapping[str, Any]:
        """Change it, and start what does not run."""
        for step in plan.steps:
            self.carry_out(step, self.switch)
        return {}


def build(task: Task) -> OpenVswitch:
    """The operation that the module's parameters describe."""
    params = task.params
    services = Services(params["unit"], params["switch_unit"], params["database_unit"])
    settings = {name: params[name] for name in ("other_config", "external_ids")}
    database = Ovsdb(params["database_file"], params["database_socket"], params["timeout"])
    return OpenVswitch(
        desired(params["bridges"], settings, params["managers"], services),
        LocalSwitch(database, params["database_file"], Systemd(params["timeout"])),
    )
