# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the host's package manager knows, read in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field

from .tools import APT, Tools

_UNFINISHED = {"unpacked", "half-configured", "triggers-awaited", "triggers-pending"}
_BROKEN = "half-installed"
_REINSTALL = "reinstreq"


@dataclass(frozen=True)
class State:
    """The packages that are there, and what a run that was cut may have left.

    ``interrupted``: dpkg has packages to configure before it takes others. ``broken``: their files are half there, so
    that they must be installed again. ``held_back``: services of packages are still kept from starting.
    ``lists_age`` is in seconds, None where there are no lists of packages or not all of them. ``tools`` are the
    commands of the package manager.
    """

    installed: frozenset[str] = field(default_factory=frozenset)
    interrupted: bool = False
    broken: tuple[str, ...] = ()
    lists_age: float | None = None
    held_back: bool = False
    tools: Tools = APT


def parse(output: str) -> State:
    """The packages from ``dpkg-query``: name, status, flag and what it provides, a line each, separated by tabs."""
    installed: set[str] = set()
    statuses: set[str] = set()
    broken: list[str] = []
    for line in output.splitlines():
        name, status, flag, provides = line.split("\t")
        if flag == _REINSTALL or status == _BROKEN:
            broken.append(name)
        elif status == "installed":
            installed.add(name)
            installed.update(part.split()[0] for part in provides.split(",") if part.strip())
        statuses.add(status)
    return State(frozenset(installed), bool(statuses & _UNFINISHED), tuple(broken))
