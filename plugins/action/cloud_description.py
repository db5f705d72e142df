# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the cloud_description module, which has the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

# Imported here, once for all hosts: a loader would import them anew in the process of each host.
from ansible.plugins.action.validate_argument_spec import ActionModule as ArgumentValidation

from ..module_utils._engine.errors import CollectionError
from ..plugin_utils._host_facts import known_platforms, missing_facts, platform_name, with_facts
from ..plugin_utils._other_action import run_other
from ..plugin_utils._platforms import combined, platform
from ..plugin_utils._role_variables import loaded, not_default
from .secrets_file import ActionModule as SecretsFile


class ActionModule(ActionBase):
    """Validates the variables, reads the secrets and the platform's data file, and the few facts that lead to it."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "platforms": {"type": "path", "required": True},
                "source": {"type": "str", "default": "distribution"},
                "release": {"type": "str", "default": ""},
                "changes": {"type": "dict", "default": {}},
                "argument_specs": {"type": "path"},
                "defaults": {"type": "path"},
                "secrets_file": {"type": "str", "default": ""},
                "names": {"type": "list", "elements": "str", "default": []},
                "replace": {"type": "list", "elements": "str", "default": []},
                "predicted_secrets": {"type": "dict", "default": {}, "no_log": True},
                "predicted_files": {"type": "list", "elements": "str", "default": []},
            }
        )
        if args["argument_specs"]:
            validated = self._validated(args["argument_specs"], args["defaults"], task_vars)
            if validated.get("failed"):
                return validated
        result: dict[str, Any] = {"changed": False, "predicted_files": args["predicted_files"]}
        gathered = missing_facts(self, task_vars)
        if gathered.get("failed") or gathered.get("unreachable"):
            return gathered
        if gathered:
            result["ansible_facts"] = gathered["ansible_facts"]
        name = platform_name(with_facts(task_vars, gathered))
        described = self._platform(Path(args["platforms"]), name, args["source"], args["release"])
        result["platform"] = combined(described, args["changes"])
        if args["secrets_file"]:
            read = self._secrets(args, task_vars)
            # Check mode writes no secrets, and would make others in each play.
            predicted = args["predicted_secrets"] if self._task.check_mode else {}
            again = bool(read["generated"]) and predicted.keys() >= set(read["generated"])
            # The result is made of secrets: callbacks must not show it.
            result.update(
                changed=read["changed"] and not again,
                secrets={**read["secrets"], **predicted},
                _ansible_no_log=True,
            )
        return result

    def _platform(self, directory: Path, name: str, source: str, release: str) -> Any:
        path = directory / f"{name}.yml"
        if not path.is_file():
            known = ", ".join(known_platforms(directory))
            raise AnsibleActionFail(
                f"Cannot use platform {name}: {directory} has no file {path.name}. "
                f"Use one of {known or 'none'}, or write that file."
            )
        try:
            return platform(directory, name, source, release)
        except CollectionError as error:
            raise AnsibleActionFail(str(error)) from error

    def _validated(self, specs: str, defaults: str | None, task_vars: dict[str, Any]) -> dict[str, Any]:
        """What Ansible says of those of the host's variables that do not have their defaults."""
        options = loaded(Path(specs))["argument_specs"]["description"]["options"]
        own = loaded(Path(defaults)) if defaults else {}
        spec = not_default(options, own, task_vars)
        return run_other(self, ArgumentValidation, {"argument_spec": spec}, task_vars)

    def _secrets(self, args: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        asked = {"path": args["secrets_file"], "names": args["names"], "replace": args["replace"]}
        return run_other(self, SecretsFile, asked, task_vars)
