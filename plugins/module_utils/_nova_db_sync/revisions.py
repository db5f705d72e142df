# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Revisions: what a database is stamped with, against what the installed migration scripts lead to."""

from __future__ import annotations

import ast
import configparser
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from .._engine.errors import CollectionError
from .._engine.file_errors import file_cause, file_remedy

_NUMBERED = re.compile(r"(\d+)_.*\.(py|sql)")
_NECESSARY_FIELDS = frozenset({"revision", "down_revision"})
_REVISION_FIELDS = _NECESSARY_FIELDS | {"depends_on"}


@dataclass(frozen=True)
class Stamp:
    """What a database says of itself: Alembic's revisions, or a number per sqlalchemy-migrate repository."""

    alembic: frozenset[str] = frozenset()
    migrate: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return ", ".join(sorted(self.alembic)) if self.alembic else _numbers(self.migrate)


@dataclass(frozen=True)
class AlembicCode:
    """Alembic scripts: for each revision the ones it follows, and the ones it merely demands."""

    follows: Mapping[str, tuple[str, ...]]
    demands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def heads(self) -> frozenset[str]:
        """What Alembic stamps an up-to-date database with: heads that no other head demands or implies."""
        followed = {revision for parents in self.follows.values() for revision in parents}
        ends = frozenset(self.follows) - followed
        return frozenset(head for head in ends if head not in self._reach(ends - {head}))

    def behind(self, stamp: Stamp) -> bool:
        """Whether some head is not among the stamped revisions and all that led to them."""
        return not self.heads <= self._reach(stamp.alembic)

    def unknown(self, stamp: Stamp) -> str:
        """The stamped revisions that these scripts have not, "" where they have all."""
        return ", ".join(sorted(stamp.alembic - set(self.follows)))

    def _reach(self, revisions: Iterable[str]) -> set[str]:
        reached: set[str] = set()
        ahead = list(revisions)
        while ahead:
            revision = ahead.pop()
            if revision not in reached:
                reached.add(revision)
                ahead += (*self.follows.get(revision, ()), *self.demands.get(revision, ()))
        return reached

    def __str__(self) -> str:
        return ", ".join(sorted(self.heads))


@dataclass(frozen=True)
class MigrateCode:
    """sqlalchemy-migrate repositories: the last number of each."""

    last: Mapping[str, int]

    def behind(self, stamp: Stamp) -> bool:
        """Whether some repository has a later script than the database has seen."""
        return any(stamp.migrate.get(name, -1) < number for name, number in self.last.items())

    def unknown(self, stamp: Stamp) -> str:
        """The stamped revisions that lie beyond these repositories, "" where none does."""
        if stamp.alembic:
            return ", ".join(sorted(stamp.alembic))
        beyond = {
            name: number
            for name, number in stamp.migrate.items()
            if name in self.last and number > self.last[name]
        }
        return _numbers(beyond)

    def __str__(self) -> str:
        return _numbers(self.last)


@cache
def read_alembic(directory: str, required: bool = True) -> AlembicCode:
    """The scripts in and below a ``versions`` directory, read without running them; some where ``required``."""
    follows: dict[str, tuple[str, ...]] = {}
    demands: dict[str, tuple[str, ...]] = {}
    for path in sorted(_python_files(directory)):
        fields = _script_fields(path)
        if fields.get("revision"):
            follows[fields["revision"]] = _names(fields.get("down_revision"))
            demands[fields["revision"]] = _names(fields.get("depends_on"))
    if required and not follows:
        raise _no_migrations("find", "migration scripts in", directory, "there is none")
    return AlembicCode(follows, demands)


def read_migrate(repositories: Iterable[str]) -> MigrateCode:
    """The repositories in these directories."""
    return MigrateCode(dict(map(_read_repository, repositories)))


def _read_repository(directory: str) -> tuple[str, int]:
    settings = configparser.ConfigParser(interpolation=None)
    try:
        settings.read(os.path.join(directory, "migrate.cfg"))
        name = settings["db_settings"]["repository_id"]
        scripts = os.listdir(os.path.join(directory, "versions"))
    except OSError as error:
        cause = f"{error.filename}: {file_cause(error)}"
        if isinstance(error, FileNotFoundError):
            raise _no_migrations("find", "migration scripts in", directory, cause) from error
        remedy = file_remedy(error, str(error.filename))
        raise CollectionError(
            "read", "migration scripts in", directory, cause, remedy, code="no_migrations"
        ) from error
    except (KeyError, configparser.Error) as error:
        cause = "its migrate.cfg names no repository_id"
        raise _no_migrations("find", "migration scripts in", directory, cause) from error
    numbers = [int(match[1]) for match in map(_NUMBERED.fullmatch, scripts) if match]
    if not numbers:
        raise _no_migrations("find", "migration scripts in", directory, "there is none")
    return name, max(numbers)


def _python_files(directory: str) -> Iterator[str]:
    for parent, _directories, names in os.walk(directory):
        for name in names:
            if name.endswith(".py"):
                yield os.path.join(parent, name)


def _script_fields(path: str) -> dict[str, Any]:
    try:
        with open(path, "rb") as script:
            text = script.read()
        # The fields stand above the functions, which are long and cost the most to parse.
        return _head_fields(text.split(b"\ndef ", 1)[0], path) or _fields(text, path)
    except (OSError, SyntaxError, ValueError) as error:
        raise _no_migrations("read", "migration script", path, str(error)) from error


def _head_fields(above: bytes, path: str) -> dict[str, Any]:
    """The fields, {} where they are not the whole story: a decorator or a docstring may be cut."""
    try:
        fields = _fields(above, path)
    except SyntaxError:
        return {}
    return fields if set(fields) >= _NECESSARY_FIELDS else {}


def _fields(text: bytes, path: str) -> dict[str, Any]:
    tree = ast.parse(text, path)
    return {
        target.id: ast.literal_eval(statement.value)
        for statement in tree.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name) and target.id in _REVISION_FIELDS
    }


def _no_migrations(verb: str, kind: str, name: str, cause: str) -> CollectionError:
    return CollectionError(
        verb, kind, name, cause, "Reinstall the service's Python package", code="no_migrations"
    )


def _names(value: Any) -> tuple[str, ...]:
    if not value:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def _numbers(numbers: Mapping[str, int]) -> str:
    if len(numbers) == 1:
        return str(next(iter(numbers.values())))
    return ", ".join(f"{name} {number}" for name, number in sorted(numbers.items()))
