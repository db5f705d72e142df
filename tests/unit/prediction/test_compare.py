# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The comparison that tests/prediction/run rests on."""

from __future__ import annotations

import json
from typing import Any

from prediction.compare import compare, parse


def line(task: str, status: str, commands: list[str] | None = None, **other: Any) -> str:
    place = {"host": "h", "play": "p", "role": "r", "task": task, "item": "", "turn": 1}
    return json.dumps({**place, "status": status, "commands": commands, **other})


def report(predicted: list[str], real: list[str]) -> tuple[bool, list[str]]:
    comparison = compare(parse("\n".join(predicted)), parse("\n".join(real)))
    return comparison.exact, list(comparison.report())


def test_what_comes_true_is_exact() -> None:
    run = [line("a", "changed", ["x"]), line("b", "ok", []), line("c", "skipped")]
    assert report(run, run) == (True, ["changed: 1 predicted, 1 real"])


def test_both_kinds_of_error_are_told() -> None:
    predicted = [line("a", "changed"), line("b", "ok"), line("c", "changed", item='"one"')]
    real = [line("a", "ok"), line("b", "changed"), line("c", "changed", item='"two"')]
    assert report(predicted, real) == (
        False,
        [
            "changed: 2 predicted, 2 real",
            "missing: h | p | r | b",
            'missing: h | p | r | c | "two"',
            "surplus: h | p | r | a",
            'surplus: h | p | r | c | "one"',
        ],
    )


def test_a_run_that_failed_is_not_exact_though_the_sets_are_alike() -> None:
    failed = [line("a", "failed", message="Cannot do it.")]
    assert report(failed, []) == (
        False,
        ["changed: 0 predicted, 0 real", "failed: check mode: h | p | r | a: Cannot do it."],
    )


def test_other_commands_are_told_and_no_error() -> None:
    predicted, real = [line("a", "changed", ["x", "y"])], [line("a", "changed", ["x", "z"])]
    exact, lines = report(predicted, real)
    assert exact
    assert lines[1:] == ["other commands: h | p | r | a", "    predicted: y", "    real: z"]


def test_a_second_turn_is_another_place_and_a_second_host_on_the_control_node_is_not() -> None:
    run = [line("a", "changed"), line("a", "changed", turn=2), line("a", "ok")]
    assert report(run, run)[1] == ["changed: 2 predicted, 2 real"]
