# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves a module: its result and its parameters, without the secrets and with all else."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType
from typing import Any
from unittest import mock

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.stackwright.nova.plugins.module_utils._engine import runner
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.operation import Operation, Task
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan, Step, in_order
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import MASK
from ansible_collections.stackwright.nova.plugins.module_utils._engine.runner import run, run_all
from fakes.modules import run_module

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "auth": {"type": "dict", "no_log": True},
}


class Greeting(Operation[Mapping[str, Any], None, None]):
    """Says the name and the password."""

    def read(self) -> None:
        if self.desired["name"] == "nobody":
            raise CollectionError("greet", "", "nobody", "a cat has it", self.desired["password"])

    @staticmethod
    def decide(desired: Mapping[str, Any], current: None) -> Plan[None]:
        words = {"said": f"a cat, {desired['name']}", "asked": desired["password"]}
        step = Step[None](f"greet {desired['name']}", lambda _nobody: None)
        return Plan(stages=in_order([step]), before={}, after=words, result=words)


def greet(**params: Any) -> dict[str, Any]:
    module: Any = ModuleType("greeting")
    module.build = lambda task: Greeting(task.params, None)
    module.main = lambda: run(AnsibleModule(argument_spec=ARGUMENTS), module.build)
    return run_module(module, diff=True, invocation=True, **params)


@pytest.mark.parametrize("password", ["a", "at", "cat"])
def test_a_short_secret_leaves_the_rest_readable(password: str) -> None:
    result = greet(name="catherine", password=password)
    assert (result["said"], result["asked"]) == ("a cat, catherine", MASK)
    assert result["commands"] == ["greet catherine"]
    assert '"said": "a cat, catherine"' in result["diff"]["after"]
    parameters = result["invocation"]["module_args"]
    assert (parameters["name"], parameters["password"]) == ("catherine", MASK)


def test_a_failure_with_a_short_secret() -> None:
    result = greet(name="nobody", password="a")
    assert "a cat has it" in result["msg"]
    assert result["invocation"]["module_args"]["password"] == MASK


@pytest.mark.parametrize("password", [12, 1234, 0.5, "12"])
def test_a_password_that_is_a_number(password: Any) -> None:
    result = greet(name="x", auth={"password": password, "verify": True})
    assert result["invocation"]["module_args"]["auth"] == {"password": MASK, "verify": True}


def test_a_secret_is_masked_inside_of_words() -> None:
    result = greet(name="with-s3cret", password="s3cret")
    assert (result["said"], result["commands"]) == (f"a cat, with-{MASK}", [f"greet with-{MASK}"])
    assert result["invocation"]["module_args"]["name"] == f"with-{MASK}"


def test_secrets_that_are_learnt_are_masked_in_the_parameters() -> None:
    module: Any = ModuleType("greeting")

    def build(task: Task) -> Greeting:
        task.redactor.learn("learnt")
        return Greeting(task.params, None)

    module.build = build
    module.main = lambda: run(AnsibleModule(argument_spec=ARGUMENTS), module.build)
    result = run_module(module, invocation=True, name="learnt")
    assert result["invocation"]["module_args"]["name"] == MASK


class Counter(Operation[str, int, "list[str]"]):
    """Counts in a list how many there are, this one included; ``missing`` things cannot be counted yet."""

    def __init__(self, name: str, seen: list[str], missing: bool = False) -> None:
        super().__init__(name, seen)
        self.missing = missing

    def read(self) -> int:
        if self.missing:
            raise UnreachableError("count", "things", "", "there are none", "Make some")
        return len(self.client)

    def nothing(self) -> int:
        return 0

    def plan(self, current: int) -> Plan[list[str]]:
        return Plan(
            stages=in_order([Step(f"count {self.desired}", lambda seen: seen.append(self.desired))]),
            before={"there": current},
            after={"there": current + 1},
            result={self.desired: current + 1},
        )


def count(*operations: Operation[Any, Any, Any], check: bool = False) -> dict[str, Any]:
    module: Any = ModuleType("counting")
    module.build = lambda task: list(operations)
    module.main = lambda: run_all(AnsibleModule(argument_spec={}, supports_check_mode=True), module.build)
    return run_module(module, diff=True, check=check)


def test_operations_one_after_the_other() -> None:
    seen: list[str] = []
    result = count(Counter("first", seen), Counter("second", seen))
    # The second is read when the first is applied.
    assert result == {
        "changed": True,
        "first": 1,
        "second": 2,
        "commands": ["count first", "count second"],
        "diff": [
            {"before": '{\n  "there": 0\n}\n', "after": '{\n  "there": 1\n}\n'},
            {"before": '{\n  "there": 1\n}\n', "after": '{\n  "there": 2\n}\n'},
        ],
    }


class Files(Counter):
    """Shows a diff for each of two files."""

    def plan(self, current: int) -> Plan[list[str]]:
        return replace(super().plan(current), diffs=({"after_header": "a"}, {"after_header": "b"}))


def test_diffs_of_several_operations_are_one_list() -> None:
    seen: list[str] = []
    diffs = count(Files("first", seen), Counter("second", seen))["diff"]
    assert [diff.get("after_header", "") for diff in diffs] == ["a", "b", ""]


def test_check_mode_of_several_operations() -> None:
    seen: list[str] = []
    result = count(Counter("first", seen, missing=True), Counter("second", seen, missing=True), check=True)
    assert seen == []
    assert result["commands"] == ["count first", "count second"]
    assert len(result["warnings"]) == 1


def test_an_operation_that_fails_ends_the_row() -> None:
    seen: list[str] = []
    result = count(Counter("first", seen, missing=True), Counter("second", seen))
    assert (result["code"], seen) == ("unreachable", [])


class Shelf(Operation["list[str]", None, Any]):
    """Puts books on a shelf; ``broken`` ones cannot be put there, and without ``boards`` none can."""

    def __init__(
        self, books: list[str], broken: Exception | None = None, boards: bool = True, password: str = ""
    ) -> None:
        super().__init__(books, self)
        self.broken, self.boards, self.password = broken, boards, password
        self.confirmed = 0

    def read(self) -> None:
        return None

    def plan(self, current: None) -> Plan[Shelf]:
        bare = CollectionError("fill", "shelf", "", "it has no boards", "Give it boards", code="bare")
        return Plan(
            stages=in_order(self._step(book) for book in self.desired),
            result={"books": self.desired, "confirmed": 0},
            unmet=() if self.boards else (bare,),
        )

    def confirm(self, current: None, plan: Plan[Shelf]) -> dict[str, Any]:
        self.confirmed += 1
        return {"confirmed": self.confirmed}

    def put(self, book: str) -> None:
        if book == "broken" and self.broken:
            raise self.broken

    def _step(self, book: str) -> Step[Shelf]:
        return Step(
            f"put {book}",
            lambda shelf: shelf.put(book),
            changes=book != "unchanged",
            further_commands=("align it",) if book == "long" else (),
        )


def fill(shelf: Shelf, check: bool = False, **params: Any) -> dict[str, Any]:
    module: Any = ModuleType("shelf")
    module.build = lambda task: shelf
    arguments = {"password": {"type": "str", "no_log": True}, "note": {"type": "str"}}
    module.main = lambda: run(
        AnsibleModule(argument_spec=arguments, supports_check_mode=True), module.build, hidden=("note",)
    )
    return run_module(module, check=check, invocation=True, **params)


REFUSED = CollectionError("put", "book", "broken", "its spine is loose", "Bind it", code="loose")


def test_a_failure_after_a_write_tells_what_was_done() -> None:
    result = fill(Shelf(["first", "long", "broken", "last"], REFUSED))
    assert result["failed"]
    assert result["changed"]
    assert result["commands"] == ["put first", "put long", "align it"]
    assert result["failed_command"] == "put broken"
    assert (result["msg"], result["code"]) == (
        "Cannot put book broken: its spine is loose. Bind it.",
        "loose",
    )


def test_a_failure_before_any_write_has_nothing_to_tell() -> None:
    result = fill(Shelf(["broken", "last"], REFUSED))
    assert not result.get("changed")
    assert "commands" not in result
    assert result["failed_command"] == "put broken"


def test_a_failure_after_steps_that_changed_nothing() -> None:
    result = fill(Shelf(["unchanged", "broken"], REFUSED))
    assert (result["changed"], result["commands"]) == (False, ["put unchanged"])


def test_what_earlier_operations_did_is_told_too() -> None:
    seen: list[str] = []
    result = count(Counter("first", seen), Shelf(["one", "broken"], REFUSED))
    assert (result["changed"], result["commands"]) == (True, ["count first", "put one"])


def test_an_unexpected_exception_is_an_error_with_its_place() -> None:
    result = fill(Shelf(["first", "broken"], KeyError("s3cret-word")), password="s3cret-word")
    assert result["code"] == "unexpected"
    assert "unexpected KeyError in module_utils/_engine/operation.py, line " in result["msg"]
    assert "(carry_out)" in result["msg"]
    assert result["place"].startswith("module_utils/_engine/operation.py, line ")
    assert "s3cret-word" not in str(result)
    assert "Traceback" not in str(result)
    assert (result["changed"], result["commands"]) == (True, ["put first"])


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "file", "device. Free space on its file system"),
        (
            OSError(errno.EROFS, "Read-only file system", "/srv/x"),
            "file",
            "/srv/x: Read-only file system. Mount",
        ),
        (PermissionError(errno.EACCES, "Permission denied", "/srv/x"), "file", "/srv/x: Permission denied. "),
        (PermissionError(errno.EPERM, "Operation not permitted"), "unexpected", "This is a defect"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/srv/x"), "unexpected", "This is a defect"),
    ],
)
def test_a_full_disk_is_no_defect_of_the_collection(error: OSError, code: str, words: str) -> None:
    result = fill(Shelf(["first", "broken"], error))
    assert (result["code"], result["commands"]) == (code, ["put first"])
    assert words in result["msg"]
    assert result["place"].startswith("module_utils/_engine/operation.py, line ")


def test_what_is_unmet_stops_a_real_run_before_its_first_step() -> None:
    result = fill(Shelf(["first"], boards=False))
    assert (result["code"], result.get("changed", False)) == ("bare", False)
    assert "commands" not in result


def test_check_mode_passes_over_what_is_unmet() -> None:
    result = fill(Shelf(["first"], boards=False), check=True)
    assert (result["changed"], result["commands"]) == (True, ["put first"])


def test_a_plan_without_steps_is_confirmed_in_a_real_run_only() -> None:
    assert fill(Shelf([]))["confirmed"] == 1
    assert fill(Shelf([]), check=True)["confirmed"] == 0


def test_parameters_that_are_not_to_be_shown() -> None:
    parameters = fill(Shelf([]), note="of no concern")["invocation"]["module_args"]
    assert parameters["note"] == "not shown"


class Kettle(Operation[int, int, None]):
    """Water that is cold at first, and hot when somebody has waited."""

    def read(self) -> int:
        return 20

    @staticmethod
    def decide(desired: int, current: int) -> Plan[None]:
        cold = CollectionError("make", "tea", "", f"the water has {current} degrees", "Wait", code="cold")
        return Plan(result={"degrees": current}, awaited=(cold,))

    def confirm(self, current: int, plan: Plan[None]) -> dict[str, Any]:
        return {"degrees": self.desired, "began": current}


def boil(check: bool = False) -> dict[str, Any]:
    module: Any = ModuleType("kettle")
    module.build = lambda task: Kettle(100, None)
    module.main = lambda: run(AnsibleModule(argument_spec={}, supports_check_mode=True), module.build)
    return run_module(module, check=check)


def test_what_a_real_run_waits_for_is_a_warning_in_check_mode() -> None:
    assert boil() == {"changed": False, "commands": [], "degrees": 100, "began": 20}
    result = boil(check=True)
    assert result["degrees"] == 20
    assert result["warnings"] == ["Cannot make tea: the water has 20 degrees. Wait."]


@pytest.mark.parametrize(("check", "runs"), [(False, 1), (True, 0)])
def test_only_what_may_write_waits_for_other_runs(check: bool, runs: int) -> None:
    with mock.patch.object(runner, "only_run", wraps=runner.only_run) as only_run:
        boil(check=check)
    assert only_run.call_count == runs
