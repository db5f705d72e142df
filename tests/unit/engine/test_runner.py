# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leaves a module: its result and its parameters, without the secrets and with all else."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from ansible.module_utils.basic import AnsibleModule
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.engine.plan import Plan, Step
from ansible_collections.stackwright.nova.plugins.module_utils.engine.redact import MASK, Redactor
from ansible_collections.stackwright.nova.plugins.module_utils.engine.runner import Operation, run, run_all
from fakes.modules import run_module

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "auth": {"type": "dict", "no_log": True},
}


class Greeting(Operation):
    """Says the name and the password."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params

    def read(self) -> None:
        if self.params["name"] == "nobody":
            raise CollectionError("greet", "", "nobody", "a cat has it", self.params["password"])

    def plan(self, current: None) -> Plan:
        words = {"said": f"a cat, {self.params['name']}", "asked": self.params["password"]}
        return Plan(steps=(Step(f"greet {self.params['name']}"),), before={}, after=words, result=words)

    def apply(self, plan: Plan) -> dict[str, Any]:
        return {}


def greet(**params: Any) -> dict[str, Any]:
    module: Any = ModuleType("greeting")
    module.build = lambda module, redactor: Greeting(module.params)
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

    def build(module: AnsibleModule, redactor: Redactor) -> Greeting:
        redactor.learn("learnt")
        return Greeting(module.params)

    module.build = build
    module.main = lambda: run(AnsibleModule(argument_spec=ARGUMENTS), module.build)
    result = run_module(module, invocation=True, name="learnt")
    assert result["invocation"]["module_args"]["name"] == MASK


class Counter(Operation):
    """Counts in a list how many there are, this one included; ``missing`` things cannot be counted yet."""

    def __init__(self, name: str, seen: list[str], missing: bool = False) -> None:
        self.name, self.seen, self.missing = name, seen, missing

    def read(self) -> int:
        if self.missing:
            raise UnreachableError("count", "things", "", "there are none", "Make some")
        return len(self.seen)

    def nothing(self) -> int:
        return 0

    def plan(self, current: int) -> Plan:
        return Plan(
            steps=(Step(f"count {self.name}"),),
            before={"there": current},
            after={"there": current + 1},
            result={self.name: current + 1},
        )

    def apply(self, plan: Plan) -> dict[str, Any]:
        self.seen.append(self.name)
        return {}


def count(*operations: Operation, check: bool = False) -> dict[str, Any]:
    module: Any = ModuleType("counting")
    module.build = lambda module, redactor: list(operations)
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
