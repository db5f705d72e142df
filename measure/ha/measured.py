# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a client saw while something failed, and whether that is what was promised."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

# Seconds for which a client may get no answer, of the cloud or of an instance.
GAP = 15.0
TITLES = [
    "what happens",
    "requests",
    "failed",
    "longest gap, seconds",
    "instances",
    "active",
    "in error, lost or stuck",
    "refused",
    "longest silence of a floating IP, seconds",
    "whole again after, seconds",
]


@dataclass(frozen=True)
class Attempt:
    """One request: when it began and ended, and why it failed ("")."""

    began: float
    ended: float
    cause: str = ""


@dataclass
class Boot:
    """One instance that was asked for; ``refused``: why the API did not take it."""

    name: str
    asked: float
    id: str = ""
    refused: str = ""
    status: str = ""
    fault: str = ""
    over: float = 0.0

    @property
    def is_over(self) -> bool:
        """Whether nothing will change any more."""
        return bool(self.refused) or self.status in ("ACTIVE", "ERROR", "LOST")

    def seen(self, status: str, fault: str, when: float) -> None:
        """Note how it is."""
        self.status, self.fault = status, fault
        if self.is_over:
            self.over = when


def longest_gap(attempts: Sequence[Attempt], began: float, ended: float) -> float:
    """The longest time from one answer to the next."""
    times = [began, *(one.ended for one in attempts if not one.cause), ended]
    return max(later - earlier for earlier, later in zip(times, times[1:], strict=False))


@dataclass(frozen=True)
class Result:
    """One failure, and what a client saw of it.

    ``silence``: the longest time for which an instance that stays did not answer. ``may_fail``: whether single requests
    may, as long as the gap is short.
    """

    name: str
    attempts: Sequence[Attempt]
    boots: Sequence[Boot]
    began: float
    ended: float
    whole_again: float | None
    silence: float
    promised_gap: float = GAP
    may_fail: bool = True
    problems: Sequence[str] = field(default_factory=tuple)

    @property
    def failed(self) -> list[Attempt]:
        """Requests without a good answer."""
        return [one for one in self.attempts if one.cause]

    @property
    def gap(self) -> float:
        """The longest time without an answer."""
        return longest_gap(self.attempts, self.began, self.ended)

    @property
    def harmed(self) -> list[Boot]:
        """Instances that the API had taken, and that did not come."""
        return [boot for boot in self.boots if boot.id and boot.status != "ACTIVE"]

    def row(self) -> list[str]:
        """The cells of a table."""
        return [
            self.name,
            str(len(self.attempts)),
            str(len(self.failed)),
            f"{self.gap:.1f}",
            str(len(self.boots)),
            str(sum(boot.status == "ACTIVE" for boot in self.boots)),
            str(len(self.harmed)),
            str(sum(bool(boot.refused) for boot in self.boots)),
            f"{self.silence:.1f}",
            "never" if self.whole_again is None else f"{self.whole_again:.0f}",
        ]

    def broken(self) -> Iterator[str]:
        """The promises that were not kept, a sentence each."""
        if self.gap > self.promised_gap:
            yield f"{self.name}: no answer for {self.gap:.1f} s, and {self.promised_gap:.0f} s are promised"
        if self.silence > self.promised_gap:
            yield (
                f"{self.name}: an instance did not answer for {self.silence:.1f} s, and {self.promised_gap:.0f} s are "
                "promised"
            )
        if self.failed and not self.may_fail:
            causes = ", ".join(sorted({one.cause for one in self.failed}))
            yield f"{self.name}: {len(self.failed)} requests failed ({causes}), and none is to fail"
        refused = [boot for boot in self.boots if boot.refused]
        if refused and not self.may_fail:
            causes = ", ".join(sorted({boot.refused for boot in refused}))
            yield f"{self.name}: {len(refused)} instances were refused ({causes}), and none is to be"
        for boot in self.harmed:
            fault = f": {boot.fault}" if boot.fault else ""
            yield f"{self.name}: the API took instance {boot.name}, and it is {boot.status or 'unknown'}{fault}"
        if self.whole_again is None:
            yield f"{self.name}: what was lost has not come back without help"
        yield from (f"{self.name}: {problem}" for problem in self.problems)
