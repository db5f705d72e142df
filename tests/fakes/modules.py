# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running a module to its end in this process, with the operation that a test prepares."""

from __future__ import annotations

import contextlib
import io
import json
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any, Callable
from unittest import mock

from ansible.module_utils import basic
from ansible.module_utils.common.text.converters import to_bytes
from ansible_collections.stackwright.nova.plugins.module_utils._engine import lock

# Of this process: tests that run side by side are no runs that must take turns.
_LOCKS = tempfile.TemporaryDirectory(prefix="stackwright-locks-")


def run_module(
    module: ModuleType,
    prepare: Callable[[Any], None] = lambda operation: None,
    *,
    check: bool = False,
    diff: bool = False,
    invocation: bool = False,
    **params: Any,
) -> dict[str, Any]:
    """The result that Ansible would see, its warnings as text.

    ``prepare`` is handed the operation (or operations) that the module's ``build`` made, to put fakes into it. With
    ``invocation`` the result has the parameters, as ``ansible-playbook -vvv`` shows them.
    """
    original = module.build
    warnings: list[str] = []

    def build(*arguments: Any) -> Any:
        operation = original(*arguments)
        prepare(operation)
        return operation

    options = {"_ansible_check_mode": check, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp"}
    output = io.StringIO()
    with (
        mock.patch.object(
            basic, "_ANSIBLE_ARGS", to_bytes(json.dumps({"ANSIBLE_MODULE_ARGS": {**params, **options}}))
        ),
        mock.patch.object(basic, "_ANSIBLE_PROFILE", "legacy", create=True),
        mock.patch.object(basic.AnsibleModule, "warn", lambda self, text: warnings.append(text)),
        mock.patch.object(module, "build", build),
        mock.patch.object(lock, "_folder", lambda: Path(_LOCKS.name)),
        contextlib.redirect_stdout(output),
        contextlib.suppress(SystemExit),
    ):
        module.main()
    result: dict[str, Any] = json.loads(output.getvalue())
    if not invocation:
        result.pop("invocation", None)
    return {**result, "warnings": warnings} if warnings else result
