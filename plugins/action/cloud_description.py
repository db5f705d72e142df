# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Control-node side of the cloud_description module, which has the documentation."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.yaml import yaml_load
from ansible.plugins.action import ActionBase

_SECRETS_FILE = "stackwright.nova.secrets_file"
_FACTS = ("distribution", "distribution_major_version", "nodename")


class ActionModule(ActionBase):
    """Reads the secrets and the platform's data file, and the few facts that lead to it."""

    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result described in the module's documentation."""
        super().run(tmp, task_vars)
        task_vars = task_vars or {}
        _spec, args = self.validate_argument_spec(
            argument_spec={
                "platforms": {"type": "path", "required": True},
                "secrets_file": {"type": "str", "default": ""},
                "names": {"type": "list", "elements": "str", "default": []},
                "replace": {"type": "list", "elements": "str", "default": []},
            }
        )
        result: dict[str, Any] = {"changed": False}
        facts = task_vars.get("ansible_facts") or {}
        if any(name not in facts for name in _FACTS):
            gathered = self._gathered(task_vars)
            if gathered.get("failed") or gathered.get("unreachable"):
                return gathered
            result["ansible_facts"] = gathered["ansible_facts"]
            facts = {**facts, **_without_prefix(gathered["ansible_facts"])}
        result["platform"] = self._platform(Path(args["platforms"]), facts)
        if args["secrets_file"]:
            read = self._secrets(args, task_vars)
            # The result is made of secrets: callbacks must not show it.
            result.update(changed=read["changed"], secrets=read["secrets"], _ansible_no_log=True)
        return result

    def _gathered(self, task_vars: dict[str, Any]) -> dict[str, Any]:
        arguments = {
            "gather_subset": ["!all", "!min", "distribution", "platform"],
            "filter": [f"ansible_{name}" for name in _FACTS],
        }
        return self._execute_module(
            module_name="ansible.legacy.setup", module_args=arguments, task_vars=task_vars
        )

    def _platform(self, directory: Path, facts: Mapping[str, Any]) -> Any:
        name = f"{facts.get('distribution', '?')}-{facts.get('distribution_major_version', '?')}"
        path = directory / f"{name}.yml"
        if not path.is_file():
            known = ", ".join(sorted(each.stem for each in directory.glob("*-*.yml")))
            raise AnsibleActionFail(
                f"Cannot use platform {name}: {directory} has no file {path.name}. "
                f"Use one of {known or 'none'}, or write that file."
            )
        # Ansible's own loader notes where each string stands: a hundred times the work, done for each host.
        return yaml_load(path.read_text(encoding="utf-8"))["__cloud_platform"]

    def _secrets(self, args: Mapping[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        task = self._task.copy()
        task.args = {"path": args["secrets_file"], "names": args["names"], "replace": args["replace"]}
        action = self._shared_loader_obj.action_loader.get(
            _SECRETS_FILE,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        done: dict[str, Any] = action.run(task_vars=task_vars)
        return done


def _without_prefix(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name.removeprefix("ansible_"): value for name, value in facts.items()}
