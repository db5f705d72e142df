# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What check mode predicted, beside what then came true."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

_ENDS = ("failed", "unreachable")


@dataclass(frozen=True, order=True)
class Place:
    """One host, task and item; ``turn`` counts where a play takes the same task several times."""

    host: str
    play: str
    role: str
    task: str
    item: str = ""
    turn: int = 1

    def __str__(self) -> str:
        turn = f" ({self.turn})" if self.turn > 1 else ""
        return " | ".join(filter(None, (self.host, self.play, self.role, self.task + turn, self.item)))


@dataclass(frozen=True)
class Outcome:
    """What became of a task: changed, ok, skipped, failed or unreachable; the commands it reports, if it does."""

    status: str
    commands: tuple[str, ...] | None = None
    message: str = ""


Record = dict[Place, Outcome]


@dataclass(frozen=True)
class Comparison:
    """``missing`` came true and was not predicted; ``surplus`` was predicted and did not come true."""

    predicted: frozenset[Place]
    real: frozenset[Place]
    failures: tuple[str, ...] = ()
    deviations: tuple[str, ...] = field(default=(), repr=False)

    @property
    def missing(self) -> list[Place]:
        """Changes that check mode did not foresee."""
        return sorted(self.real - self.predicted)

    @property
    def surplus(self) -> list[Place]:
        """Changes that check mode foresaw in vain."""
        return sorted(self.predicted - self.real)

    @property
    def exact(self) -> bool:
        """Whether the same places changed, and both runs went through."""
        return self.predicted == self.real and not self.failures

    def report(self) -> Iterator[str]:
        """All of it, a line each."""
        yield f"changed: {len(self.predicted)} predicted, {len(self.real)} real"
        yield from (f"missing: {place}" for place in self.missing)
        yield from (f"surplus: {place}" for place in self.surplus)
        yield from (f"failed: {failure}" for failure in self.failures)
        yield from self.deviations


def parse(text: str) -> Record:
    """The record from the lines that the callback wrote."""
    record: Record = {}
    for line in map(json.loads, text.splitlines()):
        place = Place(*(line[name] for name in ("host", "play", "role", "task", "item", "turn")))
        commands = line["commands"]
        # On the control node hosts come one after the other: that one of them changed something counts.
        if place in record and record[place].status == "changed":
            continue
        record[place] = Outcome(
            line["status"], None if commands is None else tuple(commands), line.get("message", "")
        )
    return record


def compare(predicted: Record, real: Record) -> Comparison:
    """Which places changed in the one record and in the other, and where their commands differ."""
    changed = _changed(predicted), _changed(real)
    return Comparison(
        *changed,
        failures=tuple(
            f"{run}: {place}: {outcome.message}"
            for run, record in (("check mode", predicted), ("real run", real))
            for place, outcome in record.items()
            if outcome.status in _ENDS
        ),
        deviations=tuple(
            line
            for place in sorted(changed[0] & changed[1])
            for line in _deviation(place, predicted[place].commands, real[place].commands)
        ),
    )


def _changed(record: Record) -> frozenset[Place]:
    return frozenset(place for place, outcome in record.items() if outcome.status == "changed")


def _deviation(
    place: Place, predicted: tuple[str, ...] | None, real: tuple[str, ...] | None
) -> Iterator[str]:
    if predicted == real:
        return
    yield f"other commands: {place}"
    for line in difflib.ndiff(predicted or (), real or ()):
        if line[0] in "-+":
            yield f"    {'predicted' if line[0] == '-' else 'real'}: {line[2:]}"
