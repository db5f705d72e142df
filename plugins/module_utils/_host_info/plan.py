# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen as a result. Pure, and without steps."""

from __future__ import annotations

from dataclasses import asdict

from .._engine.plan import Plan
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[None]:
    """No steps; packages come in the order in which they were asked for."""
    versions = {name: current.packages[name] for name in desired.packages if name in current.packages}
    certificates = [{**asdict(one), "names": list(one.names)} for one in current.certificates]
    return Plan(result={"packages": versions, "certificates": certificates})
