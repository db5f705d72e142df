# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which units to enable, start, restart or stop: a pure decision over what systemd reports."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import groupby

from .._clients.systemd import Systemd, Unit, full_name
from .._engine.errors import CollectionError, plural
from .._engine.plan import Plan, Stage, Step, in_order
from .parameters import Desired, DesiredUnit
from .state import State
from .watched import Digests, Watched, covers

_UNIT_FILES = "/etc/systemd/system/"


def plan(desired: Desired, current: State) -> Plan[Systemd]:
    """Enable, start, restart, reload and stop what differs.

    A unit that does not run with the files that are there now is restarted, or reloaded where that is enough, whatever
    the reason (a run that was cut between the change and the restart, an edit by hand, a backup put back).
    """
    stale = [unit.name for unit in desired.units if _is_stale(unit, unit.watch, desired, current)]
    start = [unit for unit in desired.units if unit.running and not current.unit(unit.name).active]
    halt = _halt(desired, current, [*stale, *(unit.name for unit in start)])
    restart = [
        unit.name
        for unit in desired.units
        if unit.name in stale or (unit.name in halt and current.unit(unit.name).active)
    ]
    reload = [
        unit.name
        for unit in desired.units
        if unit.name not in restart and _is_stale(unit, unit.reload_watch, desired, current)
    ]
    after = {
        unit.name: _described(unit.enabled or current.unit(unit.name).fixed, unit.running)
        for unit in desired.units
    }
    stages = [*in_order(_preparations(desired, current, start, restart, reload, halt))]
    earlier: tuple[DesiredUnit, ...] = ()
    for units in desired.stages:
        starts = tuple(_starts(units, [unit.name for unit in start], restart, halt))
        if starts:
            stages.append(Stage(starts, await_before=earlier))
        earlier += units
    return Plan(
        stages=tuple(stages),
        before={
            unit.name: {
                **_observed(current.unit(unit.name)),
                **({"restart": "due"} if unit.name in restart else {}),
                **({"reload": "due"} if unit.name in reload else {}),
            }
            for unit in desired.units
        },
        after={
            name: {
                **state,
                **({"restart": "done"} if name in restart else {}),
                **({"reload": "done"} if name in reload else {}),
            }
            for name, state in after.items()
        },
        result={
            "units": after,
            "restarted": restart,
            "reloaded": reload,
            "started": [unit.name for unit in start],
        },
        unmet=tuple(_not_installed(desired, current)),
    )


def systemctl(verb: str, names: Sequence[str] = ()) -> Step[Systemd]:
    """One call of systemctl over any number of units."""
    return Step[Systemd](
        " ".join(["systemctl", verb, *names]), lambda manager: manager.systemctl(verb, tuple(names))
    )


def _preparations(
    desired: Desired,
    current: State,
    start: Sequence[DesiredUnit],
    restart: Sequence[str],
    reload: Sequence[str],
    halt: Mapping[str, Sequence[str]],
) -> Iterator[Step[Systemd]]:
    units = [(unit, current.unit(unit.name)) for unit in desired.units]
    # systemd does not notice a file that takes the place of a packaged unit.
    begun = [unit for unit in desired.units if unit in start or unit.name in (*restart, *reload)]
    own = any(path.startswith(_UNIT_FILES) for unit in begun for path in unit.watch)
    if begun and (own or any(now.needs_daemon_reload for _unit, now in units)):
        yield systemctl("daemon-reload")
    calls = {
        "enable": [unit.name for unit, now in units if unit.enabled and not now.enabled],
        "disable": [unit.name for unit, now in units if not unit.enabled and now.enabled and not now.fixed],
        "stop": [
            *(unit.name for unit, now in units if not unit.running and now.active),
            *(
                name
                for service, sockets in halt.items()
                for name in (service, *sockets)
                if current.unit(name).active
            ),
        ],
        "reload": list(dict.fromkeys([*(name for unit in start for name in unit.reload_first), *reload])),
    }
    for verb, names in calls.items():
        if names:
            yield systemctl(verb, names)


def _halt(desired: Desired, current: State, due: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Services that must not run while a socket of theirs starts or stops, each with its other sockets that are open.

    systemd starts no socket whose service runs, and a service listens on a socket that was stopped for as long as it
    runs. Its other sockets would start it at the next connection, whatever else is under way.
    """
    changing = [
        current.unit(unit.name)
        for unit in desired.units
        if unit.name in due or (not unit.running and current.unit(unit.name).active)
    ]
    triggered = {service for unit in changing for service in unit.triggers}
    known = {full_name(unit.name) for unit in desired.units}
    found = {
        unit.name: tuple(
            socket
            for socket in sorted(current.unit(unit.name).triggered_by)
            if socket not in known and current.unit(socket).active
        )
        for unit in desired.units
        if full_name(unit.name) in triggered and unit.running
    }
    return {name: sockets for name, sockets in found.items() if sockets or current.unit(name).active}


def _starts(
    stage: Sequence[DesiredUnit],
    start: Collection[str],
    restart: Collection[str],
    halt: Mapping[str, Sequence[str]],
) -> Iterator[Step[Systemd]]:
    """In the order in which the units are named, clients last: a client that restarts may start its server."""

    def verb(unit: DesiredUnit) -> str:
        if unit.name in halt or unit.name in start:
            return "start"
        return "restart" if unit.name in restart else ""

    for common, units in groupby(stage, key=verb):
        if common:
            yield systemctl(
                common, [name for unit in units for name in (*halt.get(unit.name, ()), unit.name)]
            )


def _is_stale(unit: DesiredUnit, entries: Sequence[str], desired: Desired, current: State) -> bool:
    """Whether the unit still runs with an older version of one of these files."""
    now = current.unit(unit.name)
    if not unit.running or not now.active:
        return False
    note = current.notes.get(unit.name)
    read = note.digests if note and now.invocation and note.invocation == now.invocation else {}
    return any(_is_newer(entry, read.get(entry), now.started, desired, current) for entry in entries)


def _is_newer(
    entry: str, read: Digests | None, started: float | None, desired: Desired, current: State
) -> bool:
    """Whether a file is not what the process read: by the digests of that, where they are known, or by the time."""
    if started is None:
        return False
    if any(covers(entry, path) for path in desired.changed_files):
        return True
    watched = current.watched.get(entry, Watched())
    if read is not None and watched.digests is not None:
        return read != watched.digests
    return watched.changed > started


def _not_installed(desired: Desired, current: State) -> Iterator[CollectionError]:
    missing = [unit.name for unit in desired.units if unit.needed and not current.unit(unit.name).installed]
    if missing:
        yield CollectionError(
            "manage",
            plural("unit", missing),
            ", ".join(missing),
            "not installed on this host",
            "Install the packages first, or correct the name",
            code="not_found",
        )


def _observed(unit: Unit) -> dict[str, object]:
    described = _described(unit.enabled, unit.active)
    return {**described, "state": "failed"} if unit.active_state == "failed" else described


def _described(enabled: bool, running: bool) -> dict[str, object]:
    return {"enabled": enabled, "state": "running" if running else "stopped"}
