# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages to install, and what has to come before: a pure decision over what dpkg reports."""

from __future__ import annotations

from ..engine.plan import Plan, Step
from .client import Command, PackageManager
from .parameters import Desired
from .state import State

# What the cloud needs is named; recommendations bring hundreds of packages more (all emulators, Open vSwitch).
INSTALL = ("apt-get", "--assume-yes", "--no-install-recommends", "install")
# After a cut dpkg, packages lack what they depend on, and apt-get installs nothing else before it may mend that.
MEND = ("apt-get", "--assume-yes", "--no-install-recommends", "--fix-broken", "install")
CONFIGURE = ("dpkg", "--configure", "--pending")


def plan(desired: Desired, current: State) -> Plan[PackageManager]:
    """What leads from ``current`` to the packages; no mirror is asked where none is missing or broken."""
    missing = tuple(name for name in desired.packages if name not in current.installed)
    needed = (*missing, *(name for name in current.broken if name not in missing))
    stale = current.lists_age is None or current.lists_age > desired.cache_valid_time
    install = MEND if current.interrupted or current.broken else INSTALL
    steps = []
    if current.interrupted or current.broken:
        steps.append(_run(Command("configure", CONFIGURE, needed)))
    if needed and stale:
        steps.append(_run(Command("update", ("apt-get", "update"), needed)))
    if needed:
        steps.append(_run(Command("install", (*install, *needed), needed)))
    if current.held_back:
        steps.append(Step[PackageManager]("rm /usr/sbin/policy-rc.d", lambda manager: manager.release()))
    return Plan(
        steps=tuple(steps),
        after=dict.fromkeys(needed, "installed"),
        result={"packages": list(desired.packages), "installed": list(needed)},
    )


def _run(command: Command) -> Step[PackageManager]:
    return Step[PackageManager](" ".join(command.argv), lambda manager: manager.run(command))
