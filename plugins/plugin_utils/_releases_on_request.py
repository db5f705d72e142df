# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands a module what this collection knows of a release, when the module asks for it."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils._nova_conf_ini.transfer import ASK, packed
from ._shipped_catalogues import shipped_catalogues


class ReleasesOnRequest(ActionBase):
    """Runs the module of its name; runs it again with the options of a release that it cannot read on the host.

    All releases together are large, and a run that finds nothing to complain of on a host with the service
    installed needs none of them.
    """

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Carry out the task."""
        result = super().run(tmp, task_vars)
        arguments = {**self._task.args, "_handover": ASK}
        answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        needed = answer.get("release_needed")
        if needed:
            known = shipped_catalogues(needed["service"])
            name = needed["series"]
            arguments["_handover"] = packed(known.catalogue(name), known.history(name))
            answer = self._execute_module(module_args=arguments, task_vars=task_vars)
        return {**result, **answer}
