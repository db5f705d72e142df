# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows check mode, diff, exit and fail."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from .errors import CollectionError, UnreachableError
from .plan import Plan
from .redact import MASK, SHORTEST_INNER_SECRET, Redactor


class Operation(ABC):
    """What a module does: ``read`` the state in one pass, ``plan`` purely, ``apply`` the plan."""

    reads_only = False
    """True for modules that only report: their result has no ``commands`` and no diff."""

    @abstractmethod
    def read(self) -> Any:
        """The current state. Raises UnreachableError where its holder does not answer."""

    def nothing(self) -> Any:
        """The state of a host on which nothing was installed yet; planned from in check mode only."""
        raise NotImplementedError

    @abstractmethod
    def plan(self, current: Any) -> Plan:
        """What leads from ``current`` to the desired state; touches nothing."""

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Carry out the plan; what it returns replaces predicted parts of the result (new ids, say)."""
        raise NotImplementedError


def run(module: AnsibleModule, build: Callable[[AnsibleModule, Redactor], Operation]) -> None:
    """Carry out a module: build its operation from the parameters, then read, plan, apply and report."""
    run_all(module, lambda module, redactor: [build(module, redactor)])


def run_all(module: AnsibleModule, build: Callable[[AnsibleModule, Redactor], Sequence[Operation]]) -> None:
    """Carry out operations in this order and report them as one; each is read when those before it are applied."""
    redactor = Redactor(module.no_log_values)
    try:
        done = [_carry_out(operation, module.check_mode) for operation in build(module, redactor)]
    except CollectionError as error:
        details = {"code": error.code, **error.details}
        module.fail_json(
            msg=redactor(str(error)), **_redacted(redactor, details), **_invocation(module, redactor)
        )
    # Two operations that miss the same say so in the same words.
    for warning in dict.fromkeys(warning for part in done for warning in part.warnings):
        module.warn(redactor(warning))
    result = _together([_result(part, module._diff) for part in done])
    module.exit_json(**_redacted(redactor, result), **_invocation(module, redactor))


@dataclass(frozen=True)
class _Done:
    """What became of an operation; in check mode, what would become of it."""

    operation: Operation
    plan: Plan
    outcome: Mapping[str, Any]
    warnings: Sequence[str]


def _carry_out(operation: Operation, check_mode: bool) -> _Done:
    current, warnings = _read(operation, check_mode)
    plan = operation.plan(current)
    outcome: Mapping[str, Any] = {}
    if plan.steps and not check_mode:
        outcome = operation.apply(plan)
    return _Done(operation, plan, outcome, (*warnings, *plan.warnings))


def _read(operation: Operation, check_mode: bool) -> tuple[Any, list[str]]:
    try:
        return operation.read(), []
    except UnreachableError as error:
        if not check_mode or operation.reads_only:
            raise
        return operation.nothing(), [f"{error} Check mode goes on as if nothing existed there yet."]


def _result(done: _Done, with_diff: bool) -> dict[str, Any]:
    plan = done.plan
    result: dict[str, Any] = {"changed": plan.changed, **plan.result, **done.outcome}
    if done.operation.reads_only:
        return result
    result["commands"] = plan.commands
    if with_diff:
        result["diff"] = {"before": _rendered(plan.before), "after": _rendered(plan.after)}
    return result


def _together(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The results as one; of several diffs Ansible shows each."""
    if len(results) == 1:
        return results[0]
    together = {name: value for result in results for name, value in result.items()}
    together["changed"] = any(result["changed"] for result in results)
    together["commands"] = [command for result in results for command in result["commands"]]
    if "diff" in together:
        together["diff"] = [result["diff"] for result in results]
    return together


def _redacted(redactor: Redactor, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields without secrets; their names stay, even where a password is "changed"."""
    return {name: redactor(value) for name, value in fields.items()}


def _invocation(module: AnsibleModule, redactor: Redactor) -> dict[str, Any]:
    """The parameters without secrets, as Ansible adds them to the result.

    Ansible masks what it knows inside of words, too: it must not know short secrets any more.
    """
    module.no_log_values = {value for value in redactor.values if len(value) >= SHORTEST_INNER_SECRET}
    return {"invocation": {"module_args": _masked(redactor, module.params)}}


def _masked(redactor: Redactor, value: Any) -> Any:
    """The parameter without secrets; a password may have been read as a number."""
    if isinstance(value, Mapping):
        return {name: _masked(redactor, item) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(redactor, item) for item in value]
    if not isinstance(value, bool) and str(value) in redactor.values:
        return MASK
    return redactor(value)


def _rendered(state: Mapping[str, Any] | str) -> str:
    if isinstance(state, str):
        return state
    return json.dumps(state, indent=2, sort_keys=True, ensure_ascii=False) + "\n" if state else ""
