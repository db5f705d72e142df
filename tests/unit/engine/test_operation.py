# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stages of a plan: their order, what they wait for, and what becomes of the others where one fails."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.operation import Operation, Report
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import (
    Plan,
    Stage,
    Step,
    in_order,
    make_unless,
)

Log = list[str]


def failing(name: str) -> CollectionError:
    return CollectionError("take", "step", name, "it is too steep", "Go around")


def step(name: str) -> Step[Log]:
    def call(log: Log) -> None:
        if name.startswith("bad"):
            raise failing(name)
        if name.startswith("cut"):
            raise KeyboardInterrupt
        log.append(name)

    return Step(name, call)


class Walk(Operation[Sequence[Stage[Log]], int, Log]):
    """Takes the stages that are desired, and says what it was handed."""

    def read(self) -> int:
        return 7

    @staticmethod
    def decide(desired: Sequence[Stage[Log]], current: int) -> Plan[Log]:
        return Plan(stages=tuple(desired))

    def take(self, current: int, stage: Stage[Log], client: Log) -> Mapping[str, Any]:
        super().take(current, stage, client)
        return {stage.subject: current} if stage.subject else {}

    def await_before(self, current: int, things: tuple[Any, ...]) -> None:
        self.client.append(f"waited for {', '.join(things)}")
        if "bad" in things:
            raise failing("wait")

    def as_one(self, errors: Sequence[CollectionError]) -> CollectionError:
        return failing(" and ".join(error.failure.split()[3].rstrip(":") for error in errors))


def walk(*stages: Stage[Log]) -> tuple[Walk, BaseException | None, Mapping[str, Any]]:
    """The operation, the failure and the outcome."""
    operation = Walk(stages, [])
    current = operation.read()
    try:
        return operation, None, operation.apply(current, operation.plan(current))
    except BaseException as error:
        return operation, error, {}


def stage(*names: str, **options: Any) -> Stage[Log]:
    return Stage(tuple(map(step, names)), **options)


def test_steps_are_taken_in_order_and_noted() -> None:
    operation, failure, outcome = walk(stage("a", "b"), stage("c"))
    assert (operation.client, failure, outcome) == (["a", "b", "c"], None, {})
    assert operation.journal.commands == ["a", "b", "c"]


def test_what_stages_return_is_one_outcome() -> None:
    assert walk(stage("a", subject="first"), stage("b"), stage("c", subject="last"))[2] == {
        "first": 7,
        "last": 7,
    }


def test_a_stage_waits_before_its_first_step() -> None:
    assert walk(stage("a"), stage("b", await_before=("x", "y")))[0].client == ["a", "waited for x, y", "b"]


def test_a_failure_ends_all_but_what_is_always_taken() -> None:
    operation, failure, _outcome = walk(stage("a", "bad1", "b"), stage("c"), stage("d", always=True))
    assert operation.client == ["a", "d"]
    assert "bad1" in str(failure)
    assert (operation.journal.commands, operation.journal.failed_command) == (["a", "d"], "bad1")


def test_what_failed_first_is_told() -> None:
    operation, failure, _outcome = walk(stage("bad1"), stage("bad2", always=True))
    assert "bad1" in str(failure)
    assert operation.journal.failed_command == "bad1"


def test_an_interrupted_run_is_cleaned_up_too() -> None:
    operation, failure, _outcome = walk(stage("a", "cut"), stage("d", always=True))
    assert operation.client == ["a", "d"]
    assert isinstance(failure, KeyboardInterrupt)


def test_a_tolerant_stage_keeps_no_other_from_its_turn() -> None:
    operation, failure, _outcome = walk(
        stage("bad1", "a", tolerant=True), stage("b", await_before=("bad",), tolerant=True), stage("c")
    )
    assert operation.client == ["waited for bad", "c"]
    assert "bad1 and wait" in str(failure)


def test_a_later_failure_says_more_than_what_was_tolerated() -> None:
    assert "bad2" in str(walk(stage("bad1", tolerant=True), stage("bad2"))[1])


def test_a_tolerant_stage_tolerates_no_defect() -> None:
    assert isinstance(walk(stage("cut", tolerant=True), stage("c"))[1], KeyboardInterrupt)


def test_a_plan_of_steps_alone() -> None:
    assert in_order([]) == ()
    steps = (step("a"), step("b"))
    plan = Plan(stages=in_order(iter(steps)))
    assert (plan.steps, plan.commands, plan.changed) == (steps, ["a", "b"], True)


@pytest.mark.parametrize(
    ("there", "before", "commands", "shown"),
    [
        (True, None, [], {"thing": "new"}),
        (False, None, ["make"], {}),
        (False, {"thing": "old"}, ["make"], {"thing": "old"}),
    ],
)
def test_one_thing_is_made_unless_it_is_there(
    there: bool, before: Mapping[str, Any] | None, commands: list[str], shown: Mapping[str, Any]
) -> None:
    plan = make_unless(there, step("make"), before=before, after={"thing": "new"}, result={"path": "/x"})
    assert (plan.commands, plan.before, plan.after) == (commands, shown, {"thing": "new"})
    assert plan.result == {"path": "/x"}


class Weather(Report[str, int, None]):
    """Says how warm it is somewhere."""

    def read(self) -> int:
        return 21

    @staticmethod
    def judge(desired: str, current: int) -> Mapping[str, Any]:
        return {desired: current}


def test_a_report_has_a_result_and_no_steps() -> None:
    weather = Weather("here", None)
    assert weather.reads_only
    assert weather.plan(weather.read()) == Plan(result={"here": 21})
