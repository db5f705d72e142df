# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, beside what is promised. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

MARK = "<!-- measured by make bench: below this line -->\n"


@dataclass(frozen=True)
class Row:
    """One number; most is the largest that we promise, None where we promise nothing."""

    title: str
    value: float
    most: float | None = None
    decimals: int = 1

    @property
    def broken(self) -> bool:
        """Whether the promise is broken."""
        return self.most is not None and self.value > self.most

    def at_pace(self, pace: float) -> Row:
        """The row of a machine that takes ``pace`` times as long as the one that the promise was made on."""
        return self if self.most is None else replace(self, most=self.most * pace)

    @property
    def cells(self) -> tuple[str, str, str]:
        """Title, number and promise, as texts."""
        most = "no promise" if self.most is None else f"{self.most:.{self.decimals}f}"
        return self.title, f"{self.value:.{self.decimals}f}", most

    def __str__(self) -> str:
        title, value, most = self.cells
        return f"{title}: {value} (at most: {most}){' BROKEN' if self.broken else ''}"


def middle(rows: Iterable[Row]) -> Row:
    """Of several rounds that which stands in the middle, by how near each comes to its promise."""
    ordered = sorted(rows, key=lambda row: row.value / (row.most or 1))
    return ordered[len(ordered) // 2]


@dataclass(frozen=True)
class Comparison:
    """One case beside what operators use otherwise; most is the largest ratio (ours to theirs) that we promise."""

    title: str
    theirs_with: str
    theirs: float
    ours: float
    ratio: float
    most: float

    @property
    def broken(self) -> bool:
        """Whether the promise is broken."""
        return self.ratio > self.most


def table(what: str, unit: str, rows: Iterable[Row]) -> list[str]:
    """A table of numbers."""
    return [
        f"| {what} | {unit} | at most |",
        "| --- | ---: | ---: |",
        *(f"| {' | '.join(row.cells)} |" for row in rows),
    ]


def comparisons(rows: Iterable[Comparison]) -> list[str]:
    """The table of all comparisons."""
    return [
        "| what | done by others with | seconds | ours | ratio | at most |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {row.title} | {row.theirs_with} | {row.theirs:.1f} | {row.ours:.1f} | {row.ratio:.3f} | {row.most} |"
            for row in rows
        ),
    ]


def merge(before: str, lines: Iterable[str]) -> str:
    """The report with new numbers; what stands above the mark stays."""
    kept = before.split(MARK)[0] or "# Benchmarks\n\n"
    return kept + MARK + "\n" + "\n".join(lines) + "\n"
