# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brings the wheels that the module has built to the control node."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ansible.plugins.action import ActionBase

_PACKAGES = "stackwright.nova.packages"


class ActionModule(ActionBase):
    """Runs the module only where the control node does not have the archive yet."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the task."""
        result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        path = Path(arguments["path"]).expanduser()
        result.update(path=str(path), changed=False, commands=[])
        if path.is_file():
            return result
        arguments["lock_text"] = Path(arguments["lock"]).expanduser().read_text(encoding="utf-8")
        packages = {"packages": arguments.get("packages", [])}
        needed = self._execute_module(_PACKAGES, packages, task_vars=task_vars)
        if needed.get("failed"):
            return {**result, **needed}
        built = self._execute_module(module_args=arguments, task_vars=task_vars)
        if not built.get("failed") and not self._task.check_mode:
            self._fetch(built["archive"], path)
        # There is something to build or to bring in any case.
        return {
            **result,
            **built,
            "changed": True,
            "commands": [*needed.get("commands", []), *built.get("commands", [])],
        }

    def _fetch(self, archive: str, path: Path) -> None:
        """Replace the file at once; all may read what is in it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=path.parent, prefix=".draft-") as folder:
            draft = Path(folder, path.name)
            self._connection.fetch_file(archive, str(draft))
            draft.replace(path)
