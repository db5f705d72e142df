# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``service_units``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ARGUMENTS: dict[str, Any] = {
    "units": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "enabled": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "watch": {"type": "list", "elements": "path", "default": []},
            "reload_first": {"type": "list", "elements": "str", "default": []},
        },
    },
    "changed_files": {"type": "list", "elements": "path", "default": []},
    "answers": {"type": "list", "elements": "str", "default": []},
    "log_dir": {"type": "path"},
    "settle": {"type": "float", "default": 2},
    "timeout": {"type": "float", "default": 180},
}


@dataclass(frozen=True)
class DesiredUnit:
    """A unit as it shall be.

    ``watch``: files, directories and globs that the process reads once, at its start. ``reload_first``: units to
    reload before this one is started (a message bus that must learn of it, say).
    """

    name: str
    enabled: bool = True
    running: bool = True
    watch: tuple[str, ...] = ()
    reload_first: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether it has to be installed: one that shall neither run nor start at boot may as well be missing."""
        return self.running or self.enabled


@dataclass(frozen=True)
class Desired:
    """Units that run the configuration on disk, and URLs (``answers``) that answer.

    ``changed_files`` count as changed just now, whatever their own time says. ``settle`` is how long (seconds)
    a unit must have been running to count as started; ``timeout`` how long to wait for that and for the answers.
    """

    units: tuple[DesiredUnit, ...]
    changed_files: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    settle: float = 2.0
    timeout: float = 180.0

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the units that shall run."""
        return tuple(unit.name for unit in self.units if unit.running)


def desired(
    units: Iterable[Mapping[str, Any]],
    changed_files: Sequence[str],
    answers: Sequence[str],
    settle: float,
    timeout: float,
) -> Desired:
    """The arguments as units and files."""
    return Desired(
        units=tuple(_unit(**unit) for unit in units),
        changed_files=tuple(changed_files),
        answers=tuple(answers),
        settle=settle,
        timeout=timeout,
    )


def _unit(
    name: str, enabled: bool, state: str, watch: Sequence[str], reload_first: Sequence[str]
) -> DesiredUnit:
    return DesiredUnit(name, enabled, state == "started", tuple(watch), tuple(reload_first))
