# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages to install, and what has to come before: a pure decision over what the package manager reports."""

from __future__ import annotations

from .._engine.plan import Plan, Step, in_order
from .client import Command, PackageManager
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[PackageManager]:
    """What leads from ``current`` to the packages; no mirror is asked where none is missing or broken."""
    missing = tuple(name for name in desired.packages if name not in current.installed)
    needed = (*missing, *(name for name in current.broken if name not in missing))
    stale = current.lists_age is None or current.lists_age > desired.cache_valid_time
    tools = current.tools
    install = tools.mend if current.interrupted or current.broken else tools.install
    steps = []
    if current.interrupted or current.broken:
        steps.append(_run(Command("configure", tools.configure, needed)))
    if needed and stale and tools.update:
        steps.append(_run(Command("update", tools.update, needed)))
    if needed:
        steps.append(_run(Command("install", (*install, *needed), needed)))
    if current.held_back:
        steps.append(Step[PackageManager]("rm /usr/sbin/policy-rc.d", lambda manager: manager.release()))
    return Plan(
        stages=in_order(steps),
        after=dict.fromkeys(needed, "installed"),
        result={"packages": list(desired.packages), "installed": list(needed)},
    )


def _run(command: Command) -> Step[PackageManager]:
    return Step[PackageManager](" ".join(command.argv), lambda manager: manager.run(command))
