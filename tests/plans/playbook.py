# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook that touches no host: what a module would be asked is written down, and answered by a fixed result.

    PLANS_RECORD=record.jsonl python tests/plans/playbook.py -i hosts.yml stackwright.nova.site

Everything on the control node is real: variables, templates, filters, the check at the start and the file of secrets.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import secrets
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import answers
import kinds
from ansible.cli.playbook import main
from ansible.errors import AnsibleError
from ansible.executor.playbook_executor import PlaybookExecutor
from ansible.executor.task_executor import TaskExecutor
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import action_loader, connection_loader

_RECORD = Path(os.environ["PLANS_RECORD"])
# New secrets are told apart by a number, and then named after what they are the secret of.
_NUMBERS = itertools.count(1)


def _plain(value: Any) -> Any:
    """A copy in Python's own types: Ansible's remember where they come from."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(item) for item in value]
    return value


def _asked(action: ActionBase, module: str, arguments: Mapping[str, Any], variables: Any) -> dict[str, Any]:
    """Write down what a module is asked, and answer it."""
    task = action._task
    host = str(variables["inventory_hostname"])
    plain = json.loads(json.dumps(_plain(arguments), default=str))
    line = {
        "host": host,
        "on": str(task.delegate_to or ""),
        "module": module,
        "arguments": plain,
        "throttle": int(task.throttle or 0),
        "check": bool(task.check_mode),
        "task": str(task.get_name()),
    }
    # One write: the processes of several hosts share the file.
    descriptor = os.open(_RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)
    return answers.answer(kinds.short(module), plain, host, variables, check=bool(task.check_mode))


def _execute_module(
    self: ActionBase,
    module_name: str | None = None,
    module_args: dict[str, Any] | None = None,
    tmp: str | None = None,
    task_vars: dict[str, Any] | None = None,
    **rest: Any,
) -> dict[str, Any]:
    del tmp, rest
    arguments = self._task.args if module_args is None else module_args
    return _asked(self, module_name or self._task.action, arguments, task_vars)


def _copy(
    self: ActionBase, tmp: str | None = None, task_vars: dict[str, Any] | None = None
) -> dict[str, Any]:
    """In the place of copy, which template ends with too: the content instead of its temporary file."""
    del tmp
    arguments = dict(self._task.args)
    if arguments.get("content") is None:
        arguments["content"] = Path(self._find_needle("files", arguments.pop("src"))).read_text()
    return _asked(self, "copy", arguments, task_vars)


class _Asked(ActionBase):
    """In the place of an action that asks its host more than once, or brings it what the control node makes."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        del tmp
        return _asked(self, self._task.action, self._task.args, task_vars)


_handler = TaskExecutor._get_action_handler_with_module_context


def _handler_or_stand_in(self: TaskExecutor, templar: Any) -> Any:
    handler, context = _handler(self, templar)
    if kinds.short(self._task.action) not in kinds.STAND_IN:
        return handler, context
    stand_in = _Asked(
        task=self._task,
        connection=self._connection,
        play_context=self._play_context,
        loader=self._loader,
        templar=templar,
        shared_loader_obj=self._shared_loader_obj,
    )
    return stand_in, context


def _refuse(self: Any, *_arguments: Any, **_options: Any) -> None:
    message = (
        "Cannot run anything on a host: this run only records. Give its module an answer in tests/plans."
    )
    raise AnsibleError(message)


_run = PlaybookExecutor.run


def _run_patched(self: PlaybookExecutor) -> Any:
    """Begin with the patches: now the plugins can be found, and no process of a host is there yet."""
    _patch()
    return _run(self)


def _patch() -> None:
    ActionBase._execute_module = _execute_module
    # A template makes a folder on its host before it is copied.
    ActionBase._make_tmp_path = lambda *_arguments: ""
    ActionBase._remove_tmp_path = lambda *_arguments, **_options: None
    TaskExecutor._get_action_handler_with_module_context = _handler_or_stand_in
    for name in ("ansible.legacy.copy", "ansible.builtin.copy"):
        action_loader.get(name, class_only=True).run = _copy
    connection = connection_loader.get("ansible.builtin.local", class_only=True)
    for name in ("exec_command", "put_file", "fetch_file"):
        setattr(connection, name, _refuse)
    secrets.token_urlsafe = lambda _bytes=None: f"replaced-{next(_NUMBERS):03}"


if __name__ == "__main__":
    # A run is short, and collecting copies the memory that the processes of hosts share.
    gc.disable()
    PlaybookExecutor.run = _run_patched
    sys.argv[0] = "ansible-playbook"
    main(sys.argv)
