# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the host_survey module, which has the documentation."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ..plugin_utils.host_facts import platform_name, with_facts
from ..plugin_utils.role_variables import wrong_variables

_SUDO_PROMPT = "privilege escalation prompt"


class ActionModule(ActionBase):
    """Runs the module and compares the clocks; what keeps it from running is a result, not a failure."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = dict(self._task.args)
        roles = map(Path, arguments.pop("roles", []))
        # Known even of a host that cannot be reached.
        known = {
            "declared": arguments.get("declared", {}),
            "wrong_variables": wrong_variables(roles, task_vars, self._templar.template),
        }
        try:
            return {**self._looked(arguments, task_vars), **known}
        except AnsibleConnectionFailure as error:
            if _SUDO_PROMPT not in str(error):
                return {"unreachable": True, "msg": str(error), **known}
            return {"problem": str(error), **known}
        except AnsibleError as error:
            return {"problem": str(error), **known}

    def _looked(self, arguments: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        before = time.time()
        seen: dict[str, Any] = self._execute_module(module_args=arguments, task_vars=task_vars)
        after = time.time()
        if seen.get("unreachable"):
            return seen
        if seen.get("failed"):
            return {"problem": _cause(seen)}
        if "survey" in seen:
            there = seen["survey"]["time"]
            seen["clock"] = [there - after, there - before]
            seen["platform"] = platform_name(with_facts(task_vars, seen))
        return seen


def _cause(result: dict[str, Any]) -> str:
    """What a module that did not run left behind: its own message says nothing, what it printed does."""
    for text in (result.get("module_stderr"), result.get("module_stdout")):
        lines = [line.strip() for line in str(text or "").splitlines() if line.strip()]
        if lines:
            return lines[-1]
    return str(result.get("msg") or "no answer")
