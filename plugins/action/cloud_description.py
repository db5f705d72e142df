# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the cloud_description module, which has the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Imported here, once for all hosts: a loader would import them again in the process of each host.
from ansible.plugins.action.validate_argument_spec import ActionModule as ArgumentValidation

from ..module_utils._engine.errors import CollectionError
from ..plugin_utils._cloud import secrets
from ..plugin_utils._cloud.description import described, published
from ..plugin_utils._cloud.variables import DEFAULTS, ROLES
from ..plugin_utils._door import described_cloud
from ..plugin_utils._host_facts import known_platforms, missing_facts, platform_name, with_facts
from ..plugin_utils._other_action import run_other
from ..plugin_utils._platforms import combined, platform
from ..plugin_utils._role_variables import loaded, not_default
from .secrets_file import ActionModule as SecretsFile

_COLLECTION = "stackwright.nova."
_PLATFORMS = ROLES / "cloud/vars"
_SPECIFICATION = loaded(ROLES / "cloud/meta/argument_specs.yml")["argument_specs"]["description"]["options"]


class ActionModule(ActionBase):
    """Validates the variables, reads the secrets and the platform's data, and derives what each service has."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "predicted_secrets": {"type": "dict", "default": {}, "no_log": True},
                "predicted_files": {"type": "list", "elements": "str", "default": []},
            }
        )
        spec = not_default(_SPECIFICATION, DEFAULTS, task_vars)
        validated = run_other(self, ArgumentValidation, {"argument_spec": spec}, task_vars)
        if validated.get("failed"):
            return validated
        gathered = missing_facts(self, task_vars)
        if gathered.get("failed") or gathered.get("unreachable"):
            return gathered
        try:
            return self._described(args, task_vars, gathered)
        except CollectionError as error:
            raise AnsibleActionFail(str(error)) from error

    def _described(
        self, args: Mapping[str, Any], task_vars: dict[str, Any], gathered: Mapping[str, Any]
    ) -> dict[str, Any]:
        facts = with_facts(task_vars, gathered)
        name = platform_name(facts)
        # Without platform and secrets, which it tells.
        first = described_cloud(self, task_vars, facts=facts, platform={}, secrets={})
        there = combined(_platform(name, first.variables), first.variables["cloud_platform"])
        read = self._secrets(first, args, task_vars)
        cloud = described_cloud(self, task_vars, facts=facts, platform=there, secrets=read.get("secrets", {}))
        roles = [
            role.removeprefix(_COLLECTION)
            for role in task_vars.get("ansible_play_role_names", [])
            if role.startswith(_COLLECTION)
        ]
        services = described(cloud, roles)
        return {
            "changed": read.get("changed", False),
            "predicted_files": args["predicted_files"],
            "platform": there,
            "cloud": published(cloud, roles),
            "services": services,
            "secret_names": secrets.names(cloud),
            "rotated": secrets.rotated(cloud),
            **({"secrets": read["secrets"]} if read else {}),
            **({"ansible_facts": gathered["ansible_facts"]} if gathered else {}),
            # The result is made of secrets: callbacks must not show it.
            "_ansible_no_log": True,
        }

    def _secrets(self, cloud: Any, args: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        """The secrets of the file, {} without one; check mode writes none, and would make others in each play."""
        path = cloud.variables["cloud_secrets_file"]
        if not path:
            return {}
        checks = self._task.check_mode
        asked = {
            "path": path,
            "names": secrets.names(cloud),
            "replace": secrets.predicted(cloud) if checks else [],
        }
        read = run_other(self, SecretsFile, asked, task_vars)
        predicted = args["predicted_secrets"] if checks else {}
        again = bool(read["generated"]) and predicted.keys() >= set(read["generated"])
        return {"changed": read["changed"] and not again, "secrets": {**read["secrets"], **predicted}}


def _platform(name: str, variables: Mapping[str, Any]) -> dict[str, Any]:
    path: Path = _PLATFORMS / f"{name}.yml"
    if not path.is_file():
        known = ", ".join(known_platforms(_PLATFORMS))
        raise CollectionError(
            "use",
            "platform",
            name,
            f"{_PLATFORMS} has no file {path.name}",
            f"Use one of {known or 'none'}, or write that file",
            code="parameters",
        )
    # Without quotes in the inventory 2024.1 is a number.
    return platform(_PLATFORMS, name, variables["cloud_source"], str(variables["cloud_release"] or ""))
