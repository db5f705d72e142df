# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands the module what this collection knows of a release, when the module asks for it."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils.oslo.shipment import packed
from ..plugin_utils.shipped import shipped


class ActionModule(ActionBase):
    """Runs the module; runs it again with the options of a release that it cannot read on the host.

    All releases together are large, and a run that finds nothing to complain of on a host with the service
    installed needs none of them.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the task."""
        result = super().run(tmp, task_vars)
        # SHIM, to be dropped at merge: the module itself will take a list of files.
        if "files" in self._task.args:
            shared = {name: value for name, value in self._task.args.items() if name != "files"}
            merged = {
                "changed": False,
                "files": [],
                "paths_changed": [],
                "commands": [],
                "warnings": [],
                "diff": [],
            }
            for file in self._task.args["files"]:
                self._task.args = {**shared, **file}
                answer = self.run(tmp, task_vars)
                if answer.get("failed"):
                    return answer
                merged["changed"] |= answer["changed"]
                merged["paths_changed"] += [file["path"]] if answer["changed"] else []
                for name in ("commands", "warnings"):
                    merged[name] += answer.get(name, [])
                merged["diff"] += [answer["diff"]] if "diff" in answer else []
            self._task.args = {**shared, "files": []}
            return merged
        arguments = {**self._task.args, "_shipped": "ask"}
        answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        wanted = answer.get("wanted")
        if wanted:
            known = shipped(wanted["service"])
            arguments["_shipped"] = packed(
                {"schema": known.schema(wanted["series"]), "history": known.history(wanted["series"])}
            )
            answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        return {**result, **answer}
