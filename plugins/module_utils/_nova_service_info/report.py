# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: nothing is ever to be done."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from . import health
from .parameters import Desired
from .state import State


def report(desired: Desired, current: State) -> dict[str, Any]:
    """What the module returns of a state."""
    fleet = current.fleet
    missing = health.missing(fleet, desired.services)
    return {
        "services": [asdict(service) for service in fleet.services],
        "hypervisors": [asdict(hypervisor) for hypervisor in fleet.hypervisors],
        "computes": [asdict(compute) for compute in health.computes(fleet)],
        "healthy": not missing,
        "missing": missing,
    }
