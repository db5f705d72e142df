# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd as a client: one call reads any number of units."""

from __future__ import annotations

import calendar
import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .._engine.errors import CollectionError, UnreachableError, plural
from .._engine.process import run_command

_PROPERTIES = (
    "Id,Names,LoadState,UnitFileState,ActiveState,SubState,Result,NRestarts,NeedDaemonReload,"
    "InvocationID,ExecMainStartTimestampMonotonic,ActiveEnterTimestampMonotonic,"
    "ExecMainStartTimestamp,ActiveEnterTimestamp,Triggers,TriggeredBy"
)
# systemctl shows whole seconds of the clock, and clocks are corrected by less all the time.
_CLOCK_TOLERANCE = 2.0
# The unit's own limit may be the same, and what systemd says at its end is more useful.
_GRACE = 15.0
_LOG_LINES = 10
_LINE_LENGTH = 400
# A remedy names so many logs.
_PLACES = 3
# What fails in the unit's processes, and not in systemctl itself.
_VERBS_OF_PROCESSES = ("start", "restart", "reload", "stop")


@dataclass(frozen=True)
class Unit:
    """A unit as systemd reports it.

    ``started`` is the Unix time at which its main process began, and ``invocation`` stands for that start alone.
    ``fixed``: it counts as enabled and can be neither enabled nor disabled (static and generated units, aliases).
    ``triggers``: the units that a socket, timer or path starts; ``triggered_by``: those that start this one.
    """

    installed: bool = False
    enabled: bool = False
    active_state: str = "inactive"
    sub_state: str = "dead"
    result: str = "success"
    restarts: int = 0
    started: float | None = None
    needs_daemon_reload: bool = False
    invocation: str = ""
    triggers: tuple[str, ...] = ()
    triggered_by: tuple[str, ...] = ()
    fixed: bool = False

    @property
    def failed(self) -> bool:
        """Whether its process ended with an error, whether systemd tries again or not."""
        return self.active_state == "failed" or self.sub_state == "auto-restart"

    @property
    def active(self) -> bool:
        """Whether the unit does its work (or is on its way there)."""
        return self.active_state in ("active", "reloading", "activating")


class Systemd:
    """The service manager of this host.

    ``timeout`` limits each call, in seconds. ``log_dir`` is where the services keep logs of their own.
    """

    def __init__(self, timeout: float, log_dir: str | None = None) -> None:
        self._timeout = timeout
        self._log_dir = log_dir

    def units(self, names: Sequence[str]) -> dict[str, Unit]:
        """The units under the names given; those that are not installed say so.

        Raises UnreachableError where systemd does not run.
        """
        if not Path("/run/systemd/system").is_dir():
            raise UnreachableError(
                "read", "units", ", ".join(names), "systemd does not run here", "Run against a booted host"
            )
        argv = ["systemctl", "show", "--no-pager", f"--property={_PROPERTIES}", "--", *map(full_name, names)]
        output = run_command(argv, timeout=self._timeout, environment={"TZ": "UTC"})
        if output.code:
            raise CollectionError(
                "read", "units", ", ".join(names), output.stderr, "Run systemctl show on the host"
            )
        blocks = output.stdout.strip().split("\n\n")
        return {name: parse_unit(block) for name, block in zip(names, blocks)}

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        """Run a systemctl verb to its end over all the names at once; CollectionError where it fails."""
        argv = ["systemctl", "--no-pager", verb, *map(full_name, names)]
        output = run_command(argv, timeout=self._timeout + _GRACE)
        if output.code:
            complaint = output.stderr.strip() or f"exit {output.code}"
            command = " ".join(["systemctl", verb, *names])
            cause = complaint.splitlines()[0]
            if not names or verb not in _VERBS_OF_PROCESSES:
                remedy = f"Run `{command}` on the host, and correct what it reports"
                subject = ", ".join(names) or "manager"
                raise CollectionError(verb, plural("unit", names), subject, cause, remedy, command=command)
            failed = self._failed(names, complaint)
            logs = self.logs(failed)
            raise CollectionError(
                verb,
                plural("unit", failed),
                ", ".join(failed),
                cause,
                log_remedy(logs),
                code="unit_failed",
                command=command,
                log=logs,
            )

    def logs(self, names: Sequence[str]) -> dict[str, list[str]]:
        """The last lines that the units' processes wrote, by where they are: the journal, and logs of their own.

        Of a unit whose processes wrote nothing these are systemd's own lines about it.
        """
        logs = {}
        for name in names:
            unit = full_name(name)
            lines = _journal(f"_SYSTEMD_UNIT={unit}") or _journal(f"--unit={unit}")
            logs[f"journalctl --unit {name}"] = lines
            own = Path(self._log_dir or "/nowhere", f"{name}.log")
            if own.is_file():
                logs[str(own)] = _end(own)
        return logs

    def _failed(self, names: Sequence[str], complaint: str) -> list[str]:
        """The units that failed: those that systemctl names, then others that do not run; all, if none is known."""
        named = [name for name in names if f" {full_name(name)} " in complaint]
        try:
            units = self.units(names)
        except CollectionError:
            units = {}
        broken = [name for name, unit in units.items() if unit.failed and name not in named]
        return [*named, *broken] or list(names)


def log_remedy(logs: Iterable[str]) -> str:
    """What to do about a unit that failed; ``logs`` say where its lines are, as ``Systemd.logs`` names these places."""
    places = list(logs)
    first = [*places[:_PLACES], *(["..."] if len(places) > _PLACES else [])]
    return f"Correct what the log reports ({', '.join(first)}), then run again"


def _journal(match: str) -> list[str]:
    output = run_command(
        ["journalctl", "--no-pager", "--quiet", "--output=cat", f"--lines={_LOG_LINES}", match]
    )
    return _brief(output.stdout.splitlines())


def _end(log: Path) -> list[str]:
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _LOG_LINES * _LINE_LENGTH))
        return _brief(file.read().decode(errors="replace").splitlines()[-_LOG_LINES:])


def _brief(lines: Iterable[str]) -> list[str]:
    return [line[:_LINE_LENGTH] for line in lines if line.strip()]


def parse_unit(block: str, since_boot: float | None = None, now: float | None = None) -> Unit:
    """A unit from one block of ``systemctl show``; the clocks are parameters for the tests' sake."""
    fields: Mapping[str, str] = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
    since_boot = time.clock_gettime(time.CLOCK_MONOTONIC) if since_boot is None else since_boot
    now = time.time() if now is None else now
    fixed = fields.get("UnitFileState") in ("static", "generated", "indirect", "alias")
    return Unit(
        installed=fields.get("LoadState") == "loaded",
        enabled=fixed or fields.get("UnitFileState") == "enabled",
        fixed=fixed,
        active_state=fields.get("ActiveState", "inactive"),
        sub_state=fields.get("SubState", "dead"),
        result=fields.get("Result", "success"),
        restarts=int(fields.get("NRestarts") or 0),
        started=_started(fields, since_boot, now),
        needs_daemon_reload=fields.get("NeedDaemonReload") == "yes",
        invocation=fields.get("InvocationID", ""),
        triggers=tuple(fields.get("Triggers", "").split()),
        triggered_by=tuple(fields.get("TriggeredBy", "").split()),
    )


def _started(fields: Mapping[str, str], since_boot: float, now: float) -> float | None:
    for name in ("ExecMainStartTimestamp", "ActiveEnterTimestamp"):
        microseconds = int(fields.get(f"{name}Monotonic") or 0)
        if microseconds:
            by_uptime = now - (since_boot - microseconds / 1e6)
            by_clock = _unix_time(fields.get(name, ""))
            # Suspended, or its clock set ahead, since then, the host makes the uptime tell a time that is too late.
            return by_clock if by_uptime - by_clock > _CLOCK_TOLERANCE else by_uptime
    return None


def _unix_time(text: str) -> float:
    """The time that systemctl shows for TZ=UTC, such as "Sun 2026-11-22 14:40:29 UTC"; infinity for none."""
    try:
        return float(calendar.timegm(time.strptime(text, "%a %Y-%m-%d %H:%M:%S UTC")))
    except ValueError:
        return math.inf


def full_name(name: str) -> str:
    """The name of a unit with its kind, by default a service."""
    return name if "." in name else f"{name}.service"
