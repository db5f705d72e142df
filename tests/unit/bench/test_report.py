# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: numbers beside promises, and which of these are broken."""

from __future__ import annotations

import pytest
from bench import many_hosts, report
from bench.pace import PROMISED_TASK, Pace
from bench.playbook import Run
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


def counts(ok: int, skipped: int) -> dict[str, int]:
    return {"ok": ok, "changed": 0, "unreachable": 0, "failed": 0, "skipped": skipped, "rescued": 0}


def test_the_cost_of_a_host_is_that_of_the_added_ones() -> None:
    controller, compute = counts(40, 30), counts(10, 10)
    one = Run(20.0, 22.0, {"controller1": controller, "compute1": compute})
    more = {f"compute{number}": compute for number in range(1, 20)}
    many = Run(60.0, 50.5, {"controller1": controller, **more, "compute20": counts(11, 10)})
    pace = Pace(1.0, PROMISED_TASK)
    cost, on_compute, on_controller = many_hosts.rows(one, many, pace)
    assert cost.value == pytest.approx(1.5) and not cost.broken
    assert cost.title.endswith("compute host (20 against 1: 50 and 22)")
    assert (on_compute.value, on_compute.broken) == (21, True)
    assert (on_controller.value, on_controller.broken) == (70, False)


def test_of_several_rounds_the_middle_one_counts() -> None:
    """By what each took of what it was allowed: a slow round on a slow machine is no worse than another."""
    rounds = [Row("again", 10.0, 20), Row("again", 30.0, 40), Row("again", 12.0, 10)]
    assert report.middle(rounds) == rounds[1]
