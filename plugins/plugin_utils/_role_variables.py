# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of roles: which of them somebody has set, and what is wrong with these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleUndefinedVariable
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.common.yaml import yaml_load

_SPECIFICATIONS, _DEFAULTS = "meta/argument_specs.yml", "defaults/main.yml"
# Entries of specifications whose variables are for the inventory; those of others are handed over by tasks.
_ENTRIES = ("main", "description")


def loaded(path: Path) -> Any:
    """A file of YAML. Ansible's own loader notes where each string stands: a hundred times the work, for each host."""
    return yaml_load(path.read_text(encoding="utf-8"))


def not_default(
    options: Mapping[str, Any], defaults: Mapping[str, Any], task_vars: Mapping[str, Any]
) -> dict[str, Any]:
    """The options of variables that do not have their defaults, the missing ones included.

    Compared are templates: to render all of them, for each host and play, is most of what a description costs.
    """
    return {
        name: option
        for name, option in options.items()
        if name not in defaults or task_vars.get(name) != defaults[name]
    }


def wrong_variables(
    roles: Iterable[Path], task_vars: Mapping[str, Any], template: Callable[[Any], Any]
) -> list[str]:
    """What Ansible has to say against the variables that are set for these roles (their folders).

    A variable that is made of others which are not known yet, those of a role say, is left to the role.
    """
    wrong: list[str] = []
    for role in roles:
        specifications = loaded(role / _SPECIFICATIONS)["argument_specs"]
        defaults = loaded(role / _DEFAULTS) if (role / _DEFAULTS).exists() else {}
        for entry in (specifications[name] for name in _ENTRIES if name in specifications):
            options = not_default(entry.get("options") or {}, defaults or {}, task_vars)
            given = _rendered({name: task_vars[name] for name in options if name in task_vars}, template)
            validator = ArgumentSpecValidator({name: options[name] for name in given})
            wrong += validator.validate(given, validate_role_argument_spec=True).error_messages
    return wrong


def _rendered(variables: Mapping[str, Any], template: Callable[[Any], Any]) -> dict[str, Any]:
    values = {}
    for name, value in variables.items():
        try:
            values[name] = template(value)
        except AnsibleUndefinedVariable:
            continue
    return values
