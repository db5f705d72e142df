# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas that other installed packages add to a service's database: Neutron's subprojects."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator, Mapping
from typing import Any, Callable

from .._engine.errors import CollectionError
from .._shared.services import DatabaseSchema, Service, subproject

_ARGUMENT = "version_table"
_CONSTANT = "VERSION_TABLE"


def read_subprojects(
    service: Service, package: Callable[[str], str]
) -> dict[str, Callable[[], DatabaseSchema]]:
    """By name, what reads each subproject's schema; ``package`` finds the directory of an installed package."""
    if service.migration_plugins is None:
        return {}
    return {
        name: _reader(service, name, module, attribute, package)
        for name, module, attribute in sorted(entry_points(service.migration_plugins))
        if name != service.name
    }


def entry_points(group: str) -> list[tuple[str, str, str]]:
    """Name, module and attribute of each of the group's entry points."""
    from importlib import metadata

    found: Any = metadata.entry_points()
    points = found.select(group=group) if hasattr(found, "select") else found.get(group, ())
    return [(point.name, *point.value.partition(":")[::2]) for point in points]


def version_table(directory: str) -> str | None:
    """The table that the env.py in a directory of migrations stamps, None where that is unknown.

    It is what env.py gives Alembic as ``version_table``, mostly its own constant or one of the package around
    it; else the only constant that is named so.
    """
    trees = [_parsed(os.path.join(directory, name)) for name in ("env.py", "__init__.py")]
    values = {
        name: value for tree in reversed(trees) for name, value in _assigned(tree) if isinstance(name, str)
    }
    given = {_resolved(value, values) for value in _given(trees[0])} - {None}
    named = {_resolved(value, values) for name, value in values.items() if name.endswith(_CONSTANT)} - {None}
    tables = given or named
    return tables.pop() if len(tables) == 1 else None


def _reader(
    service: Service, name: str, module: str, attribute: str, package: Callable[[str], str]
) -> Callable[[], DatabaseSchema]:
    top, _dot, rest = module.partition(".")
    directory = os.path.join(*rest.split("."), *attribute.split("."))

    def read() -> DatabaseSchema:
        home = os.path.join(package(top), directory)
        table = version_table(home)
        if table is None:
            raise CollectionError(
                "read",
                "schema",
                f"{name} of {service.name}",
                f"{home}/env.py does not say in which table the schema's revision is",
                f"Name the other ones in schemas, and sync it with {service.program} itself",
                code="unknown_version_table",
            )
        return subproject(name, f"{directory}/versions", top, table)

    return read


def _parsed(path: str) -> ast.Module:
    try:
        with open(path, "rb") as script:
            return ast.parse(script.read(), path)
    except (OSError, SyntaxError):
        return ast.Module([], [])


def _assigned(tree: ast.Module) -> Iterator[tuple[Any, ast.expr]]:
    """What is assigned, and where: to a name, or (in a tuple) to a key of something."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and node.value:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name):
                    yield target.id, node.value
                elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                    yield (target.slice.value,), node.value


def _given(tree: ast.Module) -> Iterator[ast.expr]:
    """What is handed on as ``version_table``: as an argument, or under that key."""
    yield from (value for key, value in _assigned(tree) if key == (_ARGUMENT,))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == _ARGUMENT:
            yield node.value
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values):
                if isinstance(key, ast.Constant) and key.value == _ARGUMENT:
                    yield value


def _resolved(value: ast.expr, values: Mapping[str, ast.expr]) -> str | None:
    """The text that an expression stands for, through the names of constants."""
    seen: set[str] = set()
    while True:
        if isinstance(value, ast.Constant):
            return value.value if isinstance(value.value, str) else None
        name = value.id if isinstance(value, ast.Name) else getattr(value, "attr", None)
        if name is None or name in seen or name not in values:
            return None
        seen.add(name)
        value = values[name]
