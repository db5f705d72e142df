# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""systemd as a client: one call reads any number of units."""

from __future__ import annotations

import calendar
import math
import time
from collections.abc import Mapping, Sequence
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
# The unit's own limit may be the same, and what systemd says at its end tells more.
_GRACE = 15.0
_LOG_LINES = 10
_LINE_LENGTH = 400


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
            subject = ", ".join(names) or "manager"
            raise CollectionError(
                verb,
                plural("unit", names),
                subject,
                output.stderr.strip().splitlines()[0] if output.stderr.strip() else f"exit {output.code}",
                f"Its last words: {self.log_tail(names)}" if names else "Run it on the host by hand",
                command=f"systemctl {verb} {' '.join(names)}",
            )

    def log_tail(self, names: Sequence[str]) -> str:
        """The last lines that the units' processes wrote to the journal and to their own logs."""
        argv = ["journalctl", "--no-pager", "--output=cat", f"--lines={_LOG_LINES}"]
        output = run_command([*argv, *(f"_SYSTEMD_UNIT={full_name(name)}" for name in names)])
        own = [line for name in names for line in self._own_log_tail(name)]
        lines = [line[:_LINE_LENGTH] for line in (*output.stdout.splitlines(), *own) if line.strip()]
        return "\n".join(lines) or "none, neither in the journal nor in its own log"

    def _own_log_tail(self, name: str) -> list[str]:
        log = Path(self._log_dir or "/nowhere", f"{name}.log")
        if not log.is_file():
            return []
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _LOG_LINES * _LINE_LENGTH))
            return file.read().decode(errors="replace").splitlines()[-_LOG_LINES:]


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
