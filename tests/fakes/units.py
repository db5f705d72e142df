# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A service manager in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import Unit
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.watched import (
    StartNote,
    Watched,
)

from .clock import FakeClock


@dataclass
class FakeManager:
    """Every unit is ``unit``; ``after_start`` is what becomes of it, ``refused`` the verb that fails.

    URLs answer from the moment ``answers_at`` on, queues are consumed from ``consumed_at`` on.
    """

    unit: Unit
    after_start: Unit = field(default_factory=lambda: Unit(installed=True, enabled=True))
    answers_at: float = 0.0
    consumed_at: float = 0.0
    refused: str = ""
    clock: FakeClock = field(default_factory=lambda: FakeClock(100.0))
    invocations: int = 0
    done: list[str] = field(default_factory=list)
    done_at: list[float] = field(default_factory=list)
    files: dict[str, Watched] = field(default_factory=dict)
    noted: dict[str, StartNote] = field(default_factory=dict)

    def units(self, names: Sequence[str]) -> Mapping[str, Unit]:
        return dict.fromkeys(names, self.unit)

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        if verb == self.refused:
            raise CollectionError(verb, "unit", ", ".join(names), "Job failed", "Read its log")
        self.done.append(f"{verb} {' '.join(names)}".strip())
        self.done_at.append(self.clock.now)
        if verb == "enable":
            self.unit = replace(self.unit, enabled=True)
        if verb in ("start", "restart"):
            self.invocations += 1
            invocation = f"{self.invocations:032x}"
            self.unit = replace(self.after_start, started=self.clock.time(), invocation=invocation)

    def logs(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        return {f"journalctl --unit {name}": ["the database is gone"] for name in names}

    def watched(self, entries: Sequence[str]) -> Mapping[str, Watched]:
        return {entry: self.files.get(entry, Watched()) for entry in entries}

    def notes(self, units: Sequence[str]) -> Mapping[str, StartNote]:
        return {unit: note for unit, note in self.noted.items() if unit in units}

    def write_note(self, unit: str, note: StartNote) -> None:
        self.noted[unit] = note

    def refusal(self, url: str) -> str | None:
        return None if self.clock.time() >= self.answers_at else "Connection refused"

    def starting(self) -> None: ...

    def unconsumed(self, queues: Sequence[str]) -> Mapping[str, str]:
        return {} if self.clock.time() >= self.consumed_at else dict.fromkeys(queues, "nobody consumes it")
