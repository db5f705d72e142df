# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which packages to install, and what has to come before: a pure decision over what dpkg reports."""

from __future__ import annotations

from ..engine.plan import Plan, Step
from .parameters import Desired
from .state import State

# What the cloud needs is named; recommendations bring hundreds of packages more (all emulators, Open vSwitch).
INSTALL = ("apt-get", "--assume-yes", "--no-install-recommends", "install")


def plan_packages(desired: Desired, current: State) -> Plan:
    """What leads from ``current`` to the packages; no mirror is asked where none is missing."""
    missing = [name for name in desired.packages if name not in current.installed]
    stale = current.lists_age is None or current.lists_age > desired.cache_valid_time
    steps = []
    if missing and current.interrupted:
        steps.append(_step("configure", "dpkg", "--configure", "--pending"))
    if missing and stale:
        steps.append(_step("update", "apt-get", "update"))
    if missing:
        steps.append(_step("install", *INSTALL, *missing))
    if current.held_back:
        steps.append(Step("rm /usr/sbin/policy-rc.d"))
    return Plan(
        steps=tuple(steps),
        after=dict.fromkeys(missing, "installed"),
        result={"packages": list(desired.packages), "installed": missing},
    )


def _step(verb: str, *argv: str) -> Step:
    return Step(" ".join(argv), verb, {"argv": argv})
