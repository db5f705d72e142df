# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of a run: which role was at work on which host, and when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._run_record import duration

_ROW, _BAR, _PLAY = 24, 12, 34
_AXIS = 26
_LABEL_WIDE = 270
_NUMBER = 64
# Between two marks of the axis, in seconds, with at most so many marks.
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
_MARKS = {True: 8, False: 4}
# Work that would be too thin to be seen is left out.
_THINNEST = 0.004


@dataclass(frozen=True)
class Bar:
    """The work of a role on a host. ``state``: bad (it failed), changed or same."""

    y: float
    label: str
    label_y: float
    x: float
    bar_y: float
    width: float
    state: str
    title: str
    time: str


@dataclass(frozen=True)
class Heading:
    """A play."""

    y: float
    name: str
    time: str


@dataclass(frozen=True)
class Mark:
    """A mark of the axis."""

    x: float
    text: str


@dataclass(frozen=True)
class Chart:
    """The whole picture, in pixels."""

    width: float
    height: float
    left: float
    right: float
    bars: Sequence[Bar]
    headings: Sequence[Heading]
    marks: Sequence[Mark]
    bar_height: float = _BAR


def timeline(run: Mapping[str, Any], width: int) -> Chart:
    """The drawing of a record in this width; where there is little, labels stand above the bars."""
    is_wide = width > 600
    left = _LABEL_WIDE if is_wide else 0.0
    right = width - _NUMBER
    total = max(float(run["seconds"]), 0.1)
    scale = (right - left) / total
    row = _ROW if is_wide else _ROW + 16
    y = float(_AXIS)
    bars: list[Bar] = []
    headings: list[Heading] = []
    for number, play in enumerate(run["plays"]):
        spans = [
            one
            for one in run["spans"]
            if one["play"] == number and (one["failed"] or one["end"] - one["start"] >= total * _THINNEST)
        ]
        if not spans:
            continue
        headings.append(Heading(y + _PLAY - 10, play["name"], duration(play["end"] - play["start"])))
        y += _PLAY
        for one in spans:
            seconds = one["end"] - one["start"]
            role = one["role"] or "tasks of the play"
            bars.append(
                Bar(
                    y=y,
                    label=f"{role} on {one['host']}",
                    label_y=y + (row / 2 + 4 if is_wide else 14),
                    x=left + one["start"] * scale,
                    bar_y=y + ((row - _BAR) / 2 if is_wide else 22),
                    width=max(seconds * scale, 2.0),
                    state="bad" if one["failed"] else "changed" if one["changed"] else "same",
                    title=f"{role} on {one['host']}: {duration(seconds)}, {_work(one)}",
                    time=duration(seconds),
                )
            )
            y += row
        y += 6
    return Chart(width, y + 4, left, right, bars, headings, _marks(total, left, scale, is_wide))


def _work(span: Mapping[str, Any]) -> str:
    tasks = f"{span['tasks']} task{'' if span['tasks'] == 1 else 's'}"
    return f"{tasks}, {span['changed']} changed" + (f", {span['failed']} failed" if span["failed"] else "")


def _marks(total: float, left: float, scale: float, is_wide: bool) -> list[Mark]:
    step = next((step for step in _STEPS if total / step <= _MARKS[is_wide]), _STEPS[-1])
    return [
        Mark(left + number * step * scale, _clock(number * step)) for number in range(int(total // step) + 1)
    ]


def _clock(seconds: int) -> str:
    return f"{seconds // 60}:{seconds % 60:02d}"
