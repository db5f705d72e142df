# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: which schemas to sync, and what must not be touched. Pure."""

from __future__ import annotations

from typing import Any

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Stage, Step, in_order
from .._shared.services import CELL0
from .client import CONNECTION_VARIABLE, SchemaClient
from .parameters import Desired
from .state import SchemaState, State

# What the stage of the online data migrations is about.
DATA = "data"
_NO_SCRIPTS = "its package has no migration scripts"


def plan(desired: Desired, current: State) -> Plan[SchemaClient]:
    """A sync for each schema that is behind; online data migrations last, where they are asked for."""
    schemas = current.schemas
    for name, state in schemas.items():
        _refuse_newer(desired, name, state)
        _refuse_without_scripts(desired, name, state)
    online = [Stage((_migrate_online(desired),), subject=DATA)] if desired.online_data_migrations else []
    return Plan(
        stages=(*in_order(_sync(desired, schemas[name]) for name in current.behind), *online),
        before={name: str(state.stamp) or None for name, state in schemas.items()},
        after={
            name: str((state.code or "the installed code's head") if state.behind else state.stamp)
            for name, state in schemas.items()
        },
        result={"schemas": {name: _synced(state) for name, state in schemas.items()}},
        warnings=(
            *(f"{error} The administrator was asked instead." for error in current.refusals),
            *(
                f"Schema {name} of {desired.service.name} was left alone: {_NO_SCRIPTS}."
                for name, state in schemas.items()
                if state.without_scripts
            ),
        ),
        unmet=current.refusals,
    )


def describe(state: State) -> dict[str, Any]:
    """The schemas as the module's result has them."""
    return {name: _described(schema) for name, schema in state.schemas.items()}


def _described(state: SchemaState) -> dict[str, Any]:
    return {
        "database": state.database,
        "revision": str(state.stamp) or None,
        "head": _head(state),
        "behind": state.behind,
    }


def _synced(state: SchemaState) -> dict[str, Any]:
    """The schema as it will be."""
    after = _described(state)
    return {**after, "revision": _head(state), "behind": False} if state.behind else after


def _head(state: SchemaState) -> str | None:
    return str(state.code or "") or None


def _sync(desired: Desired, state: SchemaState) -> Step[SchemaClient]:
    name = state.schema.name
    command = desired.program.command(*state.schema.sync)
    owner = desired.service.name if state.url_in_environment else ""
    if name == CELL0:
        owner = CELL0
    if owner:
        command = f'{CONNECTION_VARIABLE}="${owner.upper()}_CONNECTION" {command}'
    return Step[SchemaClient](command, lambda client: client.sync(desired, name))


def _migrate_online(desired: Desired) -> Step[SchemaClient]:
    command = desired.program.command(*desired.service.online_data_migrations)
    # Whether there is something to do shows only by running it.
    return Step[SchemaClient](command, lambda client: client.migrate_online(desired), changes=False)


def _refuse_newer(desired: Desired, name: str, state: SchemaState) -> None:
    unknown = state.code.unknown(state.stamp) if state.code and not state.without_scripts else ""
    if unknown:
        service = desired.service.name
        raise CollectionError(
            "sync",
            "schema",
            f"{name} of {service}",
            f"database {state.database} is newer than the installed code: it has revision {unknown}, "
            f"the code ends at {state.code}",
            f"Install the release of {service} that the database was migrated to; schemas never go back",
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
