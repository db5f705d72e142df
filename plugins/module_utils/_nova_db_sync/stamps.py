# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading what databases are stamped with: one connection for each login, however many databases it reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .._clients.sql import Login, QueryError, SqlConnections, identifier, literal
from .._engine.errors import CollectionError, UnreachableError
from .._shared.cell_mappings import CELL_MAPPINGS, read_cell0_connection
from .._shared.database_url import DatabaseUrl
from .._shared.services import DatabaseSchema
from .revisions import Stamp

MIGRATE_TABLE = "migrate_version"


class StampReader:
    """Reads over SQL connections that stay open until ``close``.

    ``administrator`` reads in the place of logins that a server turns away, or to which it shows no database.
    """

    def __init__(self, administrator: Login | None = None) -> None:
        self._administrator = administrator
        self._connections = SqlConnections()

    @property
    def refusals(self) -> tuple[CollectionError, ...]:
        """Why the administrator had to read."""
        return tuple(self._connections.refusals.values())

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def read_cell0(self, api: DatabaseUrl) -> str | None:
        """The database URL in cell0's mapping, None where there is no mapping yet."""
        self._connections.stand_in(self._administrator, api.login.place)
        if not self._tables(api.login, [api.database], [CELL_MAPPINGS]):
            return None
        try:
            return read_cell0_connection(self._connections, api)
        except QueryError as error:
            raise _refused(api.login, error) from error

    def read(self, places: Mapping[DatabaseSchema, DatabaseUrl]) -> dict[str, Stamp]:
        """The stamp of each schema's database, by the schema's name."""
        by_login: dict[Login, list[DatabaseSchema]] = {}
        for schema, place in places.items():
            by_login.setdefault(place.login, []).append(schema)
        stamps = {}
        for login, schemas in by_login.items():
            databases = {schema: places[schema].database for schema in schemas}
            self._connections.stand_in(self._administrator, login.place)
            self._require(login, set(databases.values()))
            stamps.update(self._read(login, databases))
        return stamps

    def _read(self, login: Login, databases: Mapping[DatabaseSchema, str]) -> dict[str, Stamp]:
        names = {schema.version_table for schema in databases} | {MIGRATE_TABLE}
        tables = self._tables(login, databases.values(), names)
        alembic: dict[tuple[str, str], set[str]] = {}
        migrate: dict[str, dict[str, int]] = {}
        if tables:
            selects = " UNION ALL ".join(_select(database, table) for database, table in sorted(tables))
            for database, table, key, number in self._rows(login, selects):
                if table == MIGRATE_TABLE:
                    migrate.setdefault(database, {})[key] = int(number)
                else:
                    alembic.setdefault((database, table), set()).add(key)
        return {
            schema.name: Stamp(
                frozenset(alembic.get((database, schema.version_table), ())), migrate.get(database, {})
            )
            for schema, database in databases.items()
        }

    def _require(self, login: Login, databases: Iterable[str]) -> None:
        missing = self._missing(login, databases)
        if missing:
            self._connections.refuse(
                login,
                UnreachableError(
                    "read",
                    "database",
                    ", ".join(missing),
                    f"user {login.user} sees no such database on {login.place}",
                    "Create it and grant the user all privileges on it first",
                ),
            )
            # The administrator sees all databases that there are.
            self._require(login, databases)

    def _missing(self, login: Login, databases: Iterable[str]) -> list[str]:
        """Those of the databases that the login does not see."""
        listed = ", ".join(map(literal, sorted(databases)))
        rows = self._rows(
            login, f"SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ({listed})"
        )
        return sorted(set(databases) - {row[0] for row in rows})

    def _tables(self, login: Login, databases: Iterable[str], names: Iterable[str]) -> list[tuple[Any, ...]]:
        """Which of these tables there are: database and name of each."""
        where = ", ".join(map(literal, sorted(set(databases))))
        what = ", ".join(map(literal, sorted(names)))
        return self._rows(
            login,
            "SELECT table_schema, table_name FROM information_schema.tables "
            f"WHERE table_schema IN ({where}) AND table_name IN ({what})",
        )

    def _rows(self, login: Login, statement: str) -> list[tuple[Any, ...]]:
        try:
            return self._connections.rows(login, statement)
        except QueryError as error:
            raise _refused(login, error) from error


def _refused(login: Login, error: QueryError) -> CollectionError:
    return CollectionError(
        "read",
        "schema revisions on",
        login.place,
        error.text,
        f"Grant {login.user} all privileges on the service's databases",
        code="refused_by_server",
    )


def _select(database: str, table: str) -> str:
    columns = "repository_id, version" if table == MIGRATE_TABLE else "version_num, 0"
    labels = f"{literal(database)}, {literal(table)}"
    return f"SELECT {labels}, {columns} FROM {identifier(database)}.{identifier(table)}"
