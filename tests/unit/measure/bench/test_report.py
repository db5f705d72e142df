# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: numbers beside promises, and which of these are broken."""

from __future__ import annotations

import pytest
from bench import report
from bench.pace import PROMISED_TASK, Pace
from bench.report import Comparison, Row


@pytest.mark.parametrize(
    ("row", "broken", "text"),
    [
        (Row("again", 24.6, 25, decimals=0), False, "again: 25 (at most: 25)"),
        (Row("again", 25.2, 25, decimals=0), True, "again: 25 (at most: 25) BROKEN"),
        (Row("again", 25.0, 25, decimals=0), False, "again: 25 (at most: 25)"),
        (Row("deploy", 300.0), False, "deploy: 300.0 (at most: no promise)"),
    ],
)
def test_a_promise_is_held_to_the_number_not_to_its_text(row: Row, broken: bool, text: str) -> None:
    assert row.broken is broken
    assert str(row) == text


def test_a_table_has_a_column_for_promises() -> None:
    rows = [Row("Nova", 50.4, decimals=0), Row("again", 12.3, 10, decimals=0)]
    assert report.table("phase", "seconds", rows) == [
        "| phase | seconds | at most |",
        "| --- | ---: | ---: |",
        "| Nova | 50 | no promise |",
        "| again | 12 | 10 |",
    ]


def test_a_comparison_is_broken_by_its_ratio() -> None:
    assert Comparison("a", "b", 10.0, 1.1, 0.11, 0.1).broken
    assert not Comparison("a", "b", 10.0, 1.0, 0.1, 0.1).broken
    assert report.comparisons([Comparison("a", "b", 10.0, 1.0, 0.1, 0.06)])[2:] == [
        "| a | b | 10.0 | 1.0 | 0.100 | 0.06 |"
    ]


def test_a_promise_in_seconds_goes_by_the_pace_of_the_machine() -> None:
    twice = Pace(1.0, 2 * PROMISED_TASK)
    assert not Row("again", 49.0, 25).at_pace(twice.factor).broken
    assert Row("again", 51.0, 25).at_pace(twice.factor).broken
    assert Row("deploy", 300.0).at_pace(twice.factor) == Row("deploy", 300.0)


def test_only_what_is_below_the_mark_is_replaced() -> None:
    before = f"# Benchmarks\n\nSaid by hand.\n\n{report.MARK}\nold\n"
    assert report.merge(before, ["new"]) == f"# Benchmarks\n\nSaid by hand.\n\n{report.MARK}\nnew\n"


def test_of_several_rounds_the_middle_one_counts() -> None:
    """By what each took of what it was allowed: a slow round on a slow machine is no worse than another."""
    rounds = [Row("again", 10.0, 20), Row("again", 30.0, 40), Row("again", 12.0, 10)]
    assert report.middle(rounds) == rounds[1]
