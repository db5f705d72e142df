# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the host_survey module, which has the documentation."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from ansible.errors import AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import CollectionError
from ..plugin_utils._cloud import start
from ..plugin_utils._cloud.cloud import Cloud
from ..plugin_utils._cloud.variables import ROLES, VariableError
from ..plugin_utils._door import described_cloud
from ..plugin_utils._host_facts import platform_name, with_facts
from ..plugin_utils._role_variables import wrong_variables

_SUDO_PROMPT = "privilege escalation prompt"


class ActionModule(ActionBase):
    """Runs the module and compares the clocks; what keeps it from running is a result, not a failure."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        asked = dict(self._task.args)
        if asked:
            # A deployed host, of which something else is to be known.
            return self._execute_module(module_args=asked, task_vars=task_vars)
        cloud = described_cloud(
            self, task_vars, facts=task_vars.get("ansible_facts") or {}, platform={}, secrets={}
        )
        # Known even of a host that cannot be reached.
        known, arguments = self._known(cloud, task_vars)
        certificate = arguments.get("certificate") or {}
        if certificate.get("place") == "control_node":
            del arguments["certificate"]
        try:
            seen = self._looked(arguments, task_vars)
            if certificate.get("place") == "control_node" and "survey" in seen:
                seen["survey"]["certificate"] = self._judgement(certificate)
            return {**seen, **known}
        except AnsibleConnectionFailure as error:
            if _SUDO_PROMPT not in str(error):
                return {"unreachable": True, "msg": str(error), **known}
            return {"problem": str(error), **known}
        except AnsibleError as error:
            return {"problem": str(error), **known}

    def _known(self, cloud: Cloud, task_vars: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the inventory says of the host with what is wrong with it, and what the host is asked for."""
        try:
            roles = start.roles(cloud)
            wrong = wrong_variables((ROLES / name for name in roles), task_vars, self._templar.template)
            declared = asdict(start.declared(cloud))
            arguments: dict[str, Any] = {
                "names": start.controller_names(cloud),
                "connections": list(start.connections(cloud)),
            }
            files = cloud.variables["cloud_certificate_files"]
            if cloud.tls and files:
                arguments["certificate"] = {
                    "files": files,
                    "place": cloud.variables["cloud_certificate_place"],
                    "names": cloud.variables["cloud_certificate_names"],
                }
        except VariableError as error:
            found = {
                "controller": cloud.is_controller,
                "compute": cloud.is_compute,
                "cell_controller": cloud.is_cell_controller,
            }
            return {"declared": found, "wrong_variables": [f"{error.name}: {error.cause}"]}, {}
        return {"declared": declared, "wrong_variables": wrong}, arguments

    def _judgement(self, certificate: dict[str, Any]) -> dict[str, str]:
        """What the survey says of a certificate on the host, of one on the control node."""
        # Not loaded for each host of a cloud that has no such certificate.
        from ..module_utils._formats import x509
        from ..plugin_utils._issuing import site_files

        files = certificate["files"]
        try:
            texts = site_files(self._loader, files)
        except CollectionError as error:
            return {"problem": str(error), "until": ""}
        problem, until = x509.judged(texts, files, certificate["names"])
        return {"problem": problem, "until": until}

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
