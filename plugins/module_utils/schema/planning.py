# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schemas: what the databases are stamped with, what the code wants, and what leads there. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from .catalogue import CELL0, Schema, Service
from .revisions import AlembicCode, MigrateCode, Stamp

CONNECTION_VARIABLE = "OS_DATABASE__CONNECTION"
"""What oslo.config reads before any file: the way to name a database to a program without showing its URL."""

_NO_SCRIPTS = "its package has no migration scripts"


@dataclass(frozen=True)
class Desired:
    """Which schemas are to be at the heads of the installed code; ``files`` is the configuration in order."""

    service: Service
    schemas: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    online_data_migrations: bool = False


@dataclass(frozen=True)
class SchemaState:
    """One schema: its database, the database's stamp, and the code's revisions (None: not installed yet).

    ``given_url`` says that the program is told the URL in its environment, because it would misread its files.
    """

    schema: Schema
    database: str | None = None
    stamp: Stamp = field(default_factory=Stamp)
    code: Union[AlembicCode, MigrateCode, None] = None
    given_url: bool = False

    @property
    def behind(self) -> bool:
        """Whether a sync has something to do."""
        return self.code is None or self.code.behind(self.stamp)

    @property
    def without_scripts(self) -> bool:
        """Whether this is a subproject whose package came without migration scripts, as some do."""
        return isinstance(self.code, AlembicCode) and not self.code.follows


State = Mapping[str, SchemaState]


def plan(desired: Desired, current: State) -> Plan:
    """A sync for each schema that is behind; online data migrations last, where they are asked for."""
    for name, state in current.items():
        _refuse_newer(desired.service, name, state)
        _refuse_without_scripts(desired, name, state)
    steps = [_sync_step(desired, state) for state in current.values() if state.behind]
    if desired.online_data_migrations:
        steps.append(_online_step(desired))
    return Plan(
        steps=tuple(steps),
        before={name: str(state.stamp) or None for name, state in current.items()},
        after={
            name: str((state.code or "the installed code's head") if state.behind else state.stamp)
            for name, state in current.items()
        },
        result={"schemas": {name: _synced(state) for name, state in current.items()}},
        warnings=tuple(
            f"Schema {name} of {desired.service.name} was left alone: {_NO_SCRIPTS}."
            for name, state in current.items()
            if state.without_scripts
        ),
    )


def argv(desired: Desired, *words: str) -> list[str]:
    """The service's program with its configuration files and these words."""
    files = [word for path in desired.files for word in ("--config-file", path)]
    return [desired.service.program, *files, *words]


def described(state: SchemaState) -> dict[str, Any]:
    """One schema as the module's result has it."""
    return {
        "database": state.database,
        "revision": str(state.stamp) or None,
        "head": _head(state),
        "behind": state.behind,
    }


def _synced(state: SchemaState) -> dict[str, Any]:
    """The schema as it will be."""
    after = described(state)
    return {**after, "revision": _head(state), "behind": False} if state.behind else after


def _head(state: SchemaState) -> str | None:
    return str(state.code or "") or None


def _sync_step(desired: Desired, state: SchemaState) -> Step:
    command = shlex.join(argv(desired, *state.schema.sync))
    owner = desired.service.name if state.given_url else ""
    if state.schema.name == CELL0:
        owner = CELL0
    if owner:
        command = f'{CONNECTION_VARIABLE}="${owner.upper()}_CONNECTION" {command}'
    return Step(command, "sync", {"schema": state.schema.name})


def _online_step(desired: Desired) -> Step:
    words = desired.service.online_data_migrations
    return Step(shlex.join(argv(desired, *words)), "migrate_online", changes=False)


def _refuse_newer(service: Service, name: str, state: SchemaState) -> None:
    unknown = state.code.unknown(state.stamp) if state.code and not state.without_scripts else ""
    if unknown:
        raise CollectionError(
            "sync",
            "schema",
            f"{name} of {service.name}",
            f"database {state.database} is newer than the installed code: it has revision {unknown}, "
            f"the code ends at {state.code}",
            f"Install the release of {service.name} that the database was migrated to; schemas never go back",
            code="schema_newer",
            database=state.database,
            revision=str(state.stamp),
            head=str(state.code),
        )


def _refuse_without_scripts(desired: Desired, name: str, state: SchemaState) -> None:
    if state.without_scripts and name in desired.schemas:
        raise CollectionError(
            "sync",
            "schema",
            f"{name} of {desired.service.name}",
            _NO_SCRIPTS,
            "Install a package that has them, or take the name out of schemas",
            code="no_migrations",
        )
