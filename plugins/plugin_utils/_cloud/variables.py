# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The door: each variable of the roles is rendered once, and a mistake in one is an error that names it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean

from ...module_utils._engine.errors import CollectionError
from .._role_variables import loaded

ROLES = Path(__file__).parents[3] / "roles"
"""The folder of the collection's roles."""

_MAIN = ("main", "description")


def _of_all_roles() -> tuple[dict[str, Any], dict[str, str]]:
    """The defaults of all roles' variables, and the types that their specifications declare."""
    defaults: dict[str, Any] = {}
    types: dict[str, str] = {}
    for role in sorted(each for each in ROLES.iterdir() if each.is_dir()):
        path = role / "defaults/main.yml"
        if path.is_file():
            defaults.update(loaded(path) or {})
        path = role / "meta/argument_specs.yml"
        for entry, specification in (loaded(path)["argument_specs"] if path.is_file() else {}).items():
            if entry in _MAIN:
                options = specification.get("options") or {}
                types.update({name: option.get("type", "str") for name, option in options.items()})
    return defaults, types


# Read when this is imported, once for all hosts: the process of each host inherits them.
DEFAULTS, _TYPES = _of_all_roles()
# A default of this form is a property of the cloud.
_POINTER = re.compile(r"\s*\{\{ __cloud\.(\w+) \}\}\s*")


class VariableError(CollectionError):
    """A variable of the inventory that cannot be rendered, or is not of its type."""

    def __init__(self, name: str, cause: str) -> None:
        super().__init__("use", "variable", name, cause, "Correct it in the inventory", code="parameters")
        self.name, self.cause = name, cause


class UndefinedError(VariableError, KeyError):
    """A variable that nothing sets and that has no default."""

    __str__ = Exception.__str__

    def __init__(self, name: str) -> None:
        super().__init__(name, "it is not set")


class Variables(Mapping[str, Any]):
    """The variables of all roles for one host, each rendered when it is first asked for.

    ``given`` are Ansible's variables, which win over the roles' defaults; ``render`` turns a template into its value.
    Booleans are booleans, however they were written. Raises VariableError.
    """

    def __init__(self, given: Mapping[str, Any], render: Callable[[Any], Any]) -> None:
        self._given, self._render = given, render
        self._values: dict[str, Any] = {}
        self._cloud: Any = None
        self._extend: Callable[[], None] | None = None

    def describe(self, cloud: Any, extend: Callable[[], None]) -> None:
        """Let variables that are properties of the cloud be taken from it.

        ``extend`` makes all these properties known to templates: called once, when a template knows too little.
        """
        self._cloud, self._extend = cloud, extend

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            self._values[name] = self._typed(name, self._value(name))
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter({**DEFAULTS, **self._given})

    def __len__(self) -> int:
        return len({**DEFAULTS, **self._given})

    def _value(self, name: str) -> Any:
        if name in self._given:
            raw = self._given[name]
        elif name in DEFAULTS:
            raw = DEFAULTS[name]
        else:
            raise UndefinedError(name)
        pointer = _POINTER.fullmatch(raw) if isinstance(raw, str) else None
        if pointer and self._cloud is not None:
            return getattr(self._cloud, pointer[1])
        if not _may_be_template(raw):
            return raw
        try:
            return self._rendered(raw)
        except AnsibleError as error:
            raise VariableError(name, str(error).strip().rstrip(".")) from error

    def _rendered(self, raw: Any) -> Any:
        try:
            return self._render(raw)
        except AnsibleError:
            if self._extend is None:
                raise
            extend, self._extend = self._extend, None
            extend()
            return self._render(raw)

    def _typed(self, name: str, value: Any) -> Any:
        if _TYPES.get(name) != "bool" or isinstance(value, bool):
            return value
        try:
            return boolean(value)
        except TypeError as error:
            raise VariableError(name, f"{value!r} is neither true nor false") from error


def _may_be_template(value: Any) -> bool:
    if isinstance(value, str):
        return "{{" in value or "{%" in value
    if isinstance(value, Mapping):
        return any(_may_be_template(each) for pair in value.items() for each in pair)
    if isinstance(value, (list, tuple)):
        return any(map(_may_be_template, value))
    return False
