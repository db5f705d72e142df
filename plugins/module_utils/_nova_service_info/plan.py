# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: nothing is ever to be done."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from .._clients.nova_api import ComputeApi
from .._engine.plan import Plan
from . import health
from .parameters import Desired
from .state import State


@dataclass(frozen=True)
class HealthReport(Plan[ComputeApi]):
    """The plan, which is a result only, with the state that it tells of."""

    state: State = field(default_factory=State)


def plan(desired: Desired, current: State) -> HealthReport:
    """The report on a state."""
    return HealthReport(
        result=result(desired, current),
        awaited=(current.silence,) if current.silence else (),
        state=current,
    )


def result(desired: Desired, state: State) -> dict[str, Any]:
    """What the module returns."""
    fleet = state.fleet
    missing = health.missing(fleet, desired.services)
    return {
        "services": [asdict(service) for service in fleet.services],
        "hypervisors": [asdict(hypervisor) for hypervisor in fleet.hypervisors],
        "computes": [asdict(compute) for compute in health.computes(fleet)],
        "healthy": not missing,
        "missing": missing,
    }
