# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place that knows check mode, diff, exit and fail."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Callable

from ansible.module_utils.basic import AnsibleModule

from .errors import CollectionError, UnreachableError
from .file_errors import file_cause, file_remedy, is_fault_of_the_host
from .interpreter import change_interpreter
from .lock import only_run
from .operation import Operation, Task
from .plan import Plan
from .redaction import MASK, SHORTEST_INNER_SECRET, Redactor

AnyOperation = Operation[Any, Any, Any]

_OWN_CODE = "/plugins/"
_HIDDEN = "not shown"


def run(
    module: AnsibleModule,
    build: Callable[[Task], AnyOperation],
    *,
    hidden: Iterable[str] = (),
    uses_services: bool = True,
) -> None:
    """Carry out a module: build its operation from the task, then read, plan, apply and report.

    ``hidden`` are parameters that the result, which repeats the parameters to a verbose user, leaves out. Unless a
    module ``uses_services`` it runs with the Python that Ansible has chosen, wherever the services' packages are.
    """
    run_all(module, lambda task: [build(task)], hidden=hidden, uses_services=uses_services)


def run_all(
    module: AnsibleModule,
    build: Callable[[Task], Sequence[AnyOperation]],
    *,
    hidden: Iterable[str] = (),
    uses_services: bool = True,
) -> None:
    """Carry out operations in this order and report them as one; each is read when those before it are applied."""
    redactor = Redactor(module.no_log_values)
    task = Task(dict(module.params), redactor, lambda text: module.warn(redactor(text)))
    module.params.update(dict.fromkeys(hidden, _HIDDEN))
    begun: list[AnyOperation] = []
    done: list[_Done] = []
    try:
        if uses_services:
            change_interpreter(task.params)
        operations = build(task)
        writes = not module.check_mode and not all(operation.reads_only for operation in operations)
        # Two control nodes may run the same playbook at once.
        with only_run(module._name, task.warn) if writes else nullcontext():
            for operation in operations:
                begun.append(operation)
                done.append(_carry_out(operation, module.check_mode))
    except Exception as error:
        _fail(module, redactor, error, begun)
    # Two operations that miss the same say so in the same words.
    for warning in dict.fromkeys(warning for part in done for warning in part.warnings):
        module.warn(redactor(warning))
    result = _merged([_result(part, module._diff) for part in done])
    module.exit_json(**_redacted(redactor, result), **_invocation(module, redactor))


@dataclass(frozen=True)
class _Done:
    """What became of an operation; in check mode, what would become of it."""

    operation: AnyOperation
    plan: Plan[Any]
    outcome: Mapping[str, Any]
    warnings: Sequence[str]


def _carry_out(operation: AnyOperation, check_mode: bool) -> _Done:
    current, warnings = _read(operation, check_mode)
    plan: Plan[Any] = operation.plan(current)
    outcome: Mapping[str, Any] = {}
    if check_mode:
        warnings.extend(str(error) for error in plan.awaited)
    else:
        if plan.unmet:
            raise plan.unmet[0]
        outcome = operation.apply(current, plan) if plan.steps else operation.confirm(current, plan)
    return _Done(operation, plan, outcome, (*warnings, *plan.warnings))


def _read(operation: AnyOperation, check_mode: bool) -> tuple[Any, list[str]]:
    try:
        return operation.read(), []
    except UnreachableError as error:
        if not check_mode or operation.reads_only:
            raise
        return operation.nothing(), [f"{error} Check mode goes on as if nothing existed there yet."]


def _fail(module: AnsibleModule, redactor: Redactor, error: Exception, begun: Sequence[AnyOperation]) -> None:
    """End the module with an error, and with what had been done before it."""
    if not isinstance(error, CollectionError):
        error = _unexpected(error)
    details = {"code": error.code, **error.details, **_progress(begun)}
    module.fail_json(
        msg=redactor(str(error)), **_redacted(redactor, details), **_invocation(module, redactor)
    )


def _progress(begun: Sequence[AnyOperation]) -> dict[str, Any]:
    """What was written before the failure, and the command that failed, as far as there is any."""
    journals = [operation.journal for operation in begun]
    commands = [command for journal in journals for command in journal.commands]
    failed = "".join(journal.failed_command for journal in journals)
    return {
        **(
            {"changed": any(journal.changed for journal in journals), "commands": commands}
            if commands
            else {}
        ),
        **({"failed_command": failed} if failed else {}),
    }


def _unexpected(error: Exception) -> CollectionError:
    """The last catch: what nobody foresaw is reported as an error with its place, and not as a traceback."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _OWN_CODE in frame.filename]
    place = "an unknown place"
    if frames:
        last = frames[-1]
        place = f"{last.filename.rpartition(_OWN_CODE)[2]}, line {last.lineno} ({last.name})"
    if isinstance(error, OSError) and is_fault_of_the_host(error):
        return _fault_of_the_host(error, place)
    return CollectionError(
        "carry out",
        "this task",
        "",
        f"unexpected {type(error).__name__} in {place}: {error}",
        "This is a defect of stackwright.nova: report it with this message",
        code="unexpected",
        place=place,
    )


def _fault_of_the_host(error: OSError, place: str) -> CollectionError:
    """A full or broken disk, a file that is denied: whoever met it, the host is at fault."""
    path = str(error.filename or "")
    cause = f"{path}: {file_cause(error)}" if path else file_cause(error)
    return CollectionError(
        "carry out", "this task", "", cause, file_remedy(error, path), code="file", place=place
    )


def _result(done: _Done, with_diff: bool) -> dict[str, Any]:
    plan = done.plan
    result: dict[str, Any] = {"changed": plan.changed, **plan.result, **done.outcome}
    if done.operation.reads_only:
        return result
    result["commands"] = plan.commands
    if with_diff:
        single = {"before": _rendered(plan.before), "after": _rendered(plan.after)}
        result["diff"] = single if plan.diffs is None else list(plan.diffs)
    return result


def _merged(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The results as one. What several have is one list, if it is a list; of several diffs Ansible shows each."""
    if len(results) == 1:
        return results[0]
    merged: dict[str, Any] = {}
    for result in results:
        for name, value in result.items():
            if name == "diff":
                merged[name] = [*merged.get(name, []), *(value if isinstance(value, list) else [value])]
            elif isinstance(value, list):
                merged[name] = [*merged.get(name, []), *value]
            else:
                merged[name] = value
    merged["changed"] = any(result["changed"] for result in results)
    return merged


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
