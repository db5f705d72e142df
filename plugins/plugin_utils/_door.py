# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From Ansible's variables of a task to the description of the cloud: what is not pure of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase

from ..module_utils._engine.errors import CollectionError
from ._cloud.cloud import Cloud
from ._cloud.inventory import Inventory
from ._cloud.variables import DEFAULTS, VariableError, Variables

try:
    from ansible.template import trust_as_template
except ImportError:  # Before ansible-core 2.19 every text may be a template.

    def trust_as_template(value: Any) -> Any:
        """The same text."""
        return value


def _trusted(value: Any) -> Any:
    if isinstance(value, str):
        return trust_as_template(value)
    if isinstance(value, Mapping):
        return {key: _trusted(each) for key, each in value.items()}
    return [_trusted(each) for each in value] if isinstance(value, list) else value


# The defaults of roles that are not in the play, as templates.
_DEFAULTS = {name: _trusted(value) for name, value in DEFAULTS.items()}


def described_cloud(
    action: ActionBase,
    task_vars: Mapping[str, Any],
    *,
    facts: Mapping[str, Any],
    platform: Mapping[str, Any],
    secrets: Mapping[str, Any],
) -> Cloud:
    """The cloud as the host of this task sees it.

    ``facts`` are those of the host, ``platform`` the data of its platform ({} where that is not known), ``secrets`` the
    values of the file of secrets.
    """
    description: dict[str, Any] = {"platform": platform, "secrets": secrets, "cloud": {}}
    given = {**_DEFAULTS, **task_vars, "__cloud_description": description}
    templar = action._templar.copy_with_new_env(available_variables=given)
    variables = Variables(given, templar.template)
    inventory = Inventory(
        task_vars["inventory_hostname"],
        task_vars["groups"],
        _HostVariables(task_vars["inventory_hostname"], variables, given, facts, task_vars["hostvars"]),
    )
    cloud = Cloud(inventory, variables, platform, secrets)
    variables.describe(cloud, lambda: description["cloud"].update(_known(cloud)))
    description["cloud"]["scheme"] = cloud.scheme
    return cloud


def _known(cloud: Cloud) -> dict[str, Any]:
    """The properties of the cloud that are known already."""
    found = {}
    for name in (*Cloud.PUBLISHED, *Cloud.PUBLISHED_ON_CONTROLLERS):
        with suppress(CollectionError, KeyError, RecursionError):
            found[name] = getattr(cloud, name)
    return found


class _HostVariables(Mapping[str, Mapping[str, Any]]):
    """What the inventory sets for hosts, and what this run found out about them; defaults of roles are not among it."""

    def __init__(
        self,
        own: str,
        variables: Variables,
        given: Mapping[str, Any],
        facts: Mapping[str, Any],
        hostvars: Mapping[str, Any],
    ) -> None:
        self._own, self._hostvars = own, hostvars
        self._of_own = _OwnVariables(variables, given, facts)

    def __getitem__(self, name: str) -> Mapping[str, Any]:
        if name == self._own:
            return self._of_own
        return _OtherVariables(name, self._hostvars[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._hostvars)

    def __len__(self) -> int:
        return len(self._hostvars)


class _OwnVariables(Mapping[str, Any]):
    def __init__(self, variables: Variables, given: Mapping[str, Any], facts: Mapping[str, Any]) -> None:
        self._variables, self._given, self._facts = variables, given, facts

    def __getitem__(self, name: str) -> Any:
        if name == "ansible_facts":
            return self._facts
        if name in DEFAULTS and self._given[name] == DEFAULTS[name]:
            raise KeyError(name)
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._given)

    def __len__(self) -> int:
        return len(self._given)


class _OtherVariables(Mapping[str, Any]):
    def __init__(self, host: str, variables: Mapping[str, Any]) -> None:
        self._host, self._variables = host, variables

    def __getitem__(self, name: str) -> Any:
        try:
            return self._variables[name]
        except AnsibleError as error:
            raise VariableError(f"{name} of {self._host}", str(error).strip().rstrip(".")) from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)
