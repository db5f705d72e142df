# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units to enable, start, restart or stop: a pure decision over what systemd reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..engine.plan import Plan, Step


@dataclass(frozen=True)
class DesiredUnit:
    """A unit as it shall be.

    ``watch``: files that the process reads once, at its start. ``reload_first``: units to reload before this
    one is started (a message bus that must learn of it, say).
    """

    name: str
    enabled: bool = True
    running: bool = True
    watch: tuple[str, ...] = ()
    reload_first: tuple[str, ...] = ()


@dataclass(frozen=True)
class Unit:
    """A unit as systemd reports it; ``started`` is the Unix time at which its main process began."""

    installed: bool = False
    enabled: bool = False
    active_state: str = "inactive"
    sub_state: str = "dead"
    result: str = "success"
    restarts: int = 0
    started: float | None = None
    needs_daemon_reload: bool = False

    @property
    def active(self) -> bool:
        """Whether the unit does its work (or is on its way there)."""
        return self.active_state in ("active", "reloading", "activating")


def plan_units(
    desired: Sequence[DesiredUnit],
    current: Mapping[str, Unit],
    modified: Mapping[str, float],
) -> Plan:
    """What leads from ``current`` to ``desired``.

    ``modified`` gives the Unix time of the last change of each watched file that exists. A unit that started
    before one of its files changed still runs with the old one, whatever the reason (a run that was cut
    between the change and the restart, an edit by hand), and is restarted.
    """
    enable = [unit.name for unit in desired if unit.enabled and not _now(current, unit).enabled]
    disable = [unit.name for unit in desired if not unit.enabled and _now(current, unit).enabled]
    stop = [unit.name for unit in desired if not unit.running and _now(current, unit).active]
    start = [unit for unit in desired if unit.running and not _now(current, unit).active]
    again = [
        unit.name
        for unit in desired
        if unit.running and _now(current, unit).active and _is_stale(unit, _now(current, unit), modified)
    ]
    reload_first = list(dict.fromkeys(name for unit in start for name in unit.reload_first))
    stale_files = any(_now(current, unit).needs_daemon_reload for unit in desired) and (start or again)
    steps = [
        *([Step("systemctl daemon-reload", "systemctl", {"verb": "daemon-reload"})] if stale_files else []),
        *_systemctl("enable", enable),
        *_systemctl("disable", disable),
        *_systemctl("stop", stop),
        *_systemctl("reload", reload_first),
        *_systemctl("restart", again),
        *_systemctl("start", [unit.name for unit in start]),
    ]
    due = {name: {"restart": "due"} for name in again}
    done = {name: {"restart": "done"} for name in again}
    after = {unit.name: _state(unit.enabled, unit.running) for unit in desired}
    return Plan(
        steps=tuple(steps),
        before={unit.name: {**_seen(_now(current, unit)), **due.get(unit.name, {})} for unit in desired},
        after={name: {**state, **done.get(name, {})} for name, state in after.items()},
        result={"units": after, "restarted": again, "started": [unit.name for unit in start]},
    )


def _now(current: Mapping[str, Unit], unit: DesiredUnit) -> Unit:
    return current.get(unit.name, Unit())


def _is_stale(unit: DesiredUnit, now: Unit, modified: Mapping[str, float]) -> bool:
    if now.started is None:
        return False
    return any(modified.get(path, 0.0) > now.started for path in unit.watch)


def _seen(unit: Unit) -> dict[str, object]:
    seen = _state(unit.enabled, unit.active)
    return {**seen, "state": "failed"} if unit.active_state == "failed" else seen


def _state(enabled: bool, running: bool) -> dict[str, object]:
    return {"enabled": enabled, "state": "running" if running else "stopped"}


def _systemctl(verb: str, names: Sequence[str]) -> list[Step]:
    if not names:
        return []
    return [Step(f"systemctl {verb} {' '.join(names)}", "systemctl", {"verb": verb, "names": tuple(names)})]
