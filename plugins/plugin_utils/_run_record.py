# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run of a playbook did, when, and on which host: kept while it runs, and reported afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

FAILED, UNREACHABLE, SKIPPED, CHANGED, OK = "failed", "unreachable", "skipped", "changed", "ok"
_LONGEST_NAME = 120


@dataclass(frozen=True)
class Outcome:
    """What became of a task (or an item of its loop) on a host; ``commands`` as our modules report them, redacted."""

    host: str
    role: str
    task: str
    status: str
    item: str = ""
    commands: tuple[str, ...] = ()


@dataclass
class Play:
    """A play by its name; times are seconds since the beginning of the run."""

    name: str
    start: float
    end: float


@dataclass
class Span:
    """The work of a role on a host in a play (by its number): from its first task to its last."""

    play: int
    role: str
    host: str
    start: float
    end: float
    tasks: int = 0
    changed: int = 0
    failed: int = 0


@dataclass
class RunRecord:
    """One run, filled in as it goes on. ``started`` and all moments handed in are seconds since 1970."""

    playbook: str
    inventory: Sequence[str]
    check_mode: bool
    started: float
    finished: bool = False
    plays: list[Play] = field(default_factory=list)
    spans: dict[tuple[int, str, str], Span] = field(default_factory=dict)
    changes: list[dict[str, Any]] = field(default_factory=list)
    failures: list[dict[str, Any]] = field(default_factory=list)
    _last: float = 0.0

    def begin_play(self, name: str, moment: float) -> None:
        """A play begins, and with it ends the one before."""
        start = self._since_start(moment)
        self.plays.append(Play(name, start, start))

    def take_down(self, outcome: Outcome, begun: float, ended: float) -> None:
        """A task has ended on a host."""
        start, end = self._since_start(begun), self._since_start(ended)
        span = self._span(outcome, start)
        span.end = max(span.end, end)
        span.tasks += outcome.status != SKIPPED
        span.failed += outcome.status in (FAILED, UNREACHABLE)
        if outcome.status in (FAILED, UNREACHABLE):
            self.failures.append(self._place(outcome))
        if outcome.status == CHANGED:
            span.changed += 1
            self.changes.append({**self._place(outcome), "commands": list(outcome.commands)})

    def take_down_item(self, outcome: Outcome) -> None:
        """An item of a loop has changed something; the loop as a whole is taken down without it."""
        self.changes.append({**self._place(outcome), "commands": list(outcome.commands)})

    def count_loop(self, outcome: Outcome, begun: float, ended: float) -> None:
        """A loop has ended on a host: its changes are those of its items."""
        before = len(self.changes)
        self.take_down(outcome, begun, ended)
        del self.changes[before:]

    def end(self, moment: float) -> None:
        """The run is over."""
        self._since_start(moment)
        self.finished = True

    def as_dict(self) -> dict[str, Any]:
        """The record as it is kept."""
        return {
            "playbook": self.playbook,
            "inventory": list(self.inventory),
            "check_mode": self.check_mode,
            "time": datetime.fromtimestamp(self.started, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "seconds": round(self._last, 1),
            "finished": self.finished,
            "plays": [_rounded(play) for play in self.plays],
            "spans": [_rounded(span) for span in self.spans.values()],
            "changes": self.changes,
            "failures": self.failures,
        }

    def _span(self, outcome: Outcome, start: float) -> Span:
        number = len(self.plays) - 1
        key = (number, outcome.role, outcome.host)
        return self.spans.setdefault(key, Span(*key, start, start))

    def _place(self, outcome: Outcome) -> dict[str, Any]:
        play = self.plays[-1].name if self.plays else ""
        names = {"host": outcome.host, "play": play, "role": outcome.role, "task": outcome.task}
        return {**names, "item": outcome.item, "status": outcome.status}

    def _since_start(self, moment: float) -> float:
        """Seconds since the beginning; the play that runs goes on until then."""
        self._last = max(self._last, moment - self.started)
        if self.plays:
            self.plays[-1].end = self._last
        return moment - self.started


def phases(record: Mapping[str, Any]) -> Iterator[str]:
    """The plays of a record with their times, and below each the roles that took longest to get through."""
    plays = [play for play in record["plays"] if play["end"] - play["start"] >= 0.05]
    width = max([len(play["name"]) for play in plays] + [len("in all"), 24]) + 4
    for play in plays:
        yield f"{play['name']:<{width}}{duration(play['end'] - play['start']):>8}"
        roles = _roles(record["spans"], record["plays"].index(play))
        if len(roles) > 1:
            yield from (f"    {role:<{width - 4}}{duration(seconds):>8}" for role, seconds in roles.items())
    yield f"{'in all':<{width}}{duration(record['seconds']):>8}"


def drift(record: Mapping[str, Any]) -> list[str]:
    """What a run in check mode would change, with the commands below; what it could not look at comes last."""
    lines = []
    for change in record.get("changes", ()):
        lines.append(f"{change['host']}: {_told(change)}")
        lines.extend(f"    {command}" for command in change["commands"])
    lines += [
        f"{failure['host']}: {_told(failure)}: {failure['status']}, so that nobody looked further"
        for failure in record.get("failures", ())
    ]
    return lines


def _told(place: Mapping[str, Any]) -> str:
    """A task as a person reads it."""
    role = f"{place['role']}: " if place["role"] else ""
    return role + place["task"] + (f" ({place['item']})" if place["item"] else "")


def duration(seconds: float) -> str:
    """Seconds as a person reads them: 4.2 s, 3 min 05 s."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def record_path(directory: str, inventory: Sequence[str], playbook: str, check_mode: bool) -> Path:
    """Where the record of a playbook's last run over an inventory lies; predictions lie apart from what was done."""
    cloud = re.sub(r"[^\w.-]+", "-", ",".join(inventory)).strip("-")[-_LONGEST_NAME:] or "no-inventory"
    return Path(directory) / cloud / f"{playbook}{'-check' if check_mode else ''}.json"


def _roles(spans: Sequence[Mapping[str, Any]], play: int) -> dict[str, float]:
    """How long each role of a play was at work, from the first host that began it to the last that ended it."""
    found: dict[str, tuple[float, float]] = {}
    for span in spans:
        if span["play"] == play and span["role"]:
            start, end = found.get(span["role"], (span["start"], span["end"]))
            found[span["role"]] = min(start, span["start"]), max(end, span["end"])
    return {role: end - start for role, (start, end) in found.items() if end - start >= 0.05}


def _rounded(part: Play | Span) -> dict[str, Any]:
    return {
        key: round(value, 2) if isinstance(value, float) else value for key, value in asdict(part).items()
    }
