# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sends the wheels of a release to the hosts that lack them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from ..module_utils._virtual_environment.plan import NO_ARCHIVE
from ..module_utils._wheelhouse.parameters import digest


class ActionModule(ActionBase):
    """Runs the module; runs it again with the archive where it says that it needs that."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the task."""
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        arguments["digest"] = digest(Path(arguments["lock"]).expanduser().read_text(encoding="utf-8"))
        answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        if answer.get("failed") and answer.get("code") == NO_ARCHIVE:
            arguments["archive"] = self._sent(Path(arguments["wheelhouse"]).expanduser())
            answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        return {**result, **answer}

    def _sent(self, wheelhouse: Path) -> str:
        """The archive on the host, in the folder that is gone after the task."""
        if not wheelhouse.is_file():
            raise AnsibleActionFail(
                f"Cannot send wheels {wheelhouse}: there is no such file. "
                "Build it with stackwright.nova.wheelhouse, or copy it there."
            )
        folder = self._connection._shell.tmpdir or self._make_tmp_path()
        there = self._connection._shell.join_path(folder, wheelhouse.name)
        self._transfer_file(str(wheelhouse), there)
        self._fixup_perms2((folder, there))
        return str(there)
