# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``nova_db_sync`` needs of a host, and a real host: its packages, its databases, its programs."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Protocol, Union

from ..cells.urls import cell0_connection, expand, require_filled
from ..database import sql, url
from ..database.connection import Login, connect, load_driver, option_file, server_message
from ..engine.errors import CollectionError, UnreachableError
from ..engine.process import Output, run_command
from ..engine.redact import Redactor
from ..engine.secret_file import secret_file
from ..oslo.service_settings import read_service_settings
from .catalogue import CELL0, Schema, choose
from .online import Migrated, parse_migrated
from .planning import CONNECTION_VARIABLE, Desired, SchemaState, argv
from .revisions import AlembicCode, MigrateCode, Stamp, read_alembic, read_migrate
from .subprojects import read_subprojects

_MIGRATE_TABLE = "migrate_version"
_NOT_CONFIGURED = "sqlite"
_ERROR_LINES = 5
_SUCCESS = 0
_SOME_FAILED = 2


class SchemaClient(Protocol):
    """Reads stamps and migration scripts; changes schemas through the service's own program."""

    def read(self, desired: Desired) -> dict[str, SchemaState]:
        """The state of the desired schemas (all that the service has where none are named), in order."""

    def sync(self, desired: Desired, name: str) -> None:
        """Bring one schema to the heads of the code."""

    def migrate_online(self, desired: Desired) -> Migrated:
        """Run online data migrations to their end; a CollectionError names those that failed."""


class HostClient:
    """This host.

    ``cell0_connection`` counts more than Nova's mapping of cell0, and may be a template as that may. With
    ``maps_cell0`` the mapping will be written anew and does not count either.
    """

    def __init__(
        self, redactor: Redactor, run_as: str, cell0_connection: str | None = None, maps_cell0: bool = False
    ) -> None:
        self._redactor = redactor
        self._run_as = run_as
        self._cell0_connection = cell0_connection
        self._maps_cell0 = maps_cell0
        self._schemas: list[Schema] = []
        self._urls: dict[str, str] = {}

    def read(self, desired: Desired) -> dict[str, SchemaState]:
        """See ``SchemaClient``; one connection for all databases that one login reaches."""
        package = _package(desired.service.name)
        schemas = self._schemas = _chosen(desired)
        with closing(_Connections()) as connections:
            self._urls = self._resolve_urls(desired, schemas, connections)
            places = {schema.name: self._place(schema) for schema in schemas}
            stamps = connections.read_stamps({schema: places[schema.name] for schema in schemas})
        return {
            schema.name: SchemaState(
                schema,
                places[schema.name].database,
                stamps[schema.name],
                _code(schema, package),
                given_url=self._misread(schema),
            )
            for schema in schemas
        }

    def sync(self, desired: Desired, name: str) -> None:
        """See ``SchemaClient``."""
        schema = next(schema for schema in self._schemas if schema.name == name)
        with self._environment(schema) as environment:
            self._run(desired, schema.sync, f"sync schema {name}", environment)

    def migrate_online(self, desired: Desired) -> Migrated:
        """See ``SchemaClient``."""
        words = desired.service.online_data_migrations
        output = self._run(desired, words, "migrate data online", accept=(_SUCCESS, _SOME_FAILED))
        migrated = parse_migrated(output.stdout)
        if output.code == _SOME_FAILED:
            raise CollectionError(
                "migrate",
                "data of",
                desired.service.name,
                f"{', '.join(migrated.failed) or 'something'} failed",
                f"See the log of {desired.service.program}, then run again",
                code="online_data_migrations",
                online_data_migrations=migrated.counts,
                failed_migrations=list(migrated.failed),
                stderr=output.stderr,
                stdout=output.stdout,
            )
        return migrated

    def _resolve_urls(
        self, desired: Desired, schemas: Sequence[Schema], connections: _Connections
    ) -> dict[str, str]:
        service = desired.service
        places = sorted({(schema.section, "connection") for schema in service.schemas})
        settings = read_service_settings(service.name, service.program, desired.files, places)
        configured = {section: value for (section, _name), value in settings.items()}
        self._redactor.learn_urls(*configured.values())
        urls = {}
        for schema in schemas:
            value = configured[schema.section]
            if schema.name == CELL0:
                value = self._cell0_url(desired.files[0], configured, connections)
            if not value or value.startswith(_NOT_CONFIGURED):
                raise UnreachableError(
                    "read",
                    "configuration of",
                    service.name,
                    f"section {schema.section} does not name a database server in its option connection",
                    f"Set it in {desired.files[0]}",
                )
            urls[schema.name] = value
        self._redactor.learn_urls(*urls.values())
        return urls

    def _cell0_url(
        self, file: str, configured: Mapping[str, str | None], connections: _Connections
    ) -> str | None:
        """The given one, else the mapped one; before there is a mapping, the one that it will get."""
        api, main = configured["api_database"], configured["database"]
        if self._cell0_connection:
            require_filled(
                self._cell0_connection, main, CELL0, "database connection", f"[database] connection in {file}"
            )
            return expand(self._cell0_connection, main)
        if not api or api.startswith(_NOT_CONFIGURED):
            return api
        mapped = None if self._maps_cell0 else connections.read_cell0(_parsed(api, "section api_database"))
        return expand(mapped, main) if mapped else cell0_connection(api)

    @contextmanager
    def _environment(self, schema: Schema) -> Iterator[dict[str, str]]:
        """What the program has to be told beside its files: a URL that it cannot get from them."""
        value = self._urls[schema.name]
        if schema.name == CELL0:
            yield _told(value)
        elif self._misread(schema):
            with secret_file(option_file(self._place(schema).login), self._run_as) as path:
                yield _told(url.with_option_file(value, path))
        else:
            yield {}

    def _misread(self, schema: Schema) -> bool:
        return schema.plain_url and "%" in self._urls[schema.name]

    def _place(self, schema: Schema) -> url.DatabaseUrl:
        return _parsed(self._urls[schema.name], f"schema {schema.name}")

    def _run(
        self,
        desired: Desired,
        words: Sequence[str],
        deed: str,
        environment: Mapping[str, str] | None = None,
        accept: Sequence[int] = (_SUCCESS,),
    ) -> Output:
        command = argv(desired, *words)
        output = run_command(command, run_as=self._run_as, environment=environment)
        if output.code not in accept:
            raise CollectionError(
                deed,
                "of",
                desired.service.name,
                f"{desired.service.program} ended with status {output.code}: {_tail(output)}",
                f"See the log of {desired.service.program} and of the database server",
                code="command_failed",
                command=" ".join(command),
                stderr=output.stderr,
                stdout=output.stdout,
            )
        return output


class _Connections:
    """SQL connections, one for each login, however many databases are read with it."""

    def __init__(self) -> None:
        self._open: dict[Login, Any] = {}

    def close(self) -> None:
        """Close them all."""
        for connection in self._open.values():
            connection.close()

    def read_cell0(self, api: url.DatabaseUrl) -> str | None:
        """The database URL in cell0's mapping, None where there is no mapping yet."""
        # Not above: it takes milliseconds that the other services need not spend.
        from ..cells.state import CELL0_UUID

        if not self._tables(api.login, [api.database], ["cell_mappings"]):
            return None
        table = f"{sql.identifier(api.database)}.cell_mappings"
        rows = self._query(
            api.login, f"SELECT database_connection FROM {table} WHERE uuid = {sql.literal(CELL0_UUID)}"
        )
        return rows[0][0] if rows else None

    def read_stamps(self, places: Mapping[Schema, url.DatabaseUrl]) -> dict[str, Stamp]:
        """The stamp of each schema's database, by the schema's name."""
        by_login: dict[Login, list[Schema]] = {}
        for schema, place in places.items():
            by_login.setdefault(place.login, []).append(schema)
        stamps = {}
        for login, schemas in by_login.items():
            databases = {schema: places[schema].database for schema in schemas}
            self._require(login, set(databases.values()))
            stamps.update(self._read_stamps(login, databases))
        return stamps

    def _read_stamps(self, login: Login, databases: Mapping[Schema, str]) -> dict[str, Stamp]:
        names = {schema.version_table for schema in databases} | {_MIGRATE_TABLE}
        tables = self._tables(login, databases.values(), names)
        alembic: dict[tuple[str, str], set[str]] = {}
        migrate: dict[str, dict[str, int]] = {}
        if tables:
            selects = " UNION ALL ".join(_select(database, table) for database, table in sorted(tables))
            for database, table, key, number in self._query(login, selects):
                if table == _MIGRATE_TABLE:
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
        listed = ", ".join(map(sql.literal, sorted(databases)))
        rows = self._query(
            login, f"SELECT schema_name FROM information_schema.schemata WHERE schema_name IN ({listed})"
        )
        missing = sorted(set(databases) - {row[0] for row in rows})
        if missing:
            raise UnreachableError(
                "read",
                "database",
                ", ".join(missing),
                f"user {login.user} sees no such database on {login.place}",
                "Create it and grant the user all privileges on it first",
            )

    def _tables(self, login: Login, databases: Iterable[str], names: Iterable[str]) -> list[tuple[str, str]]:
        where = ", ".join(map(sql.literal, sorted(set(databases))))
        what = ", ".join(map(sql.literal, sorted(names)))
        return self._query(
            login,
            "SELECT table_schema, table_name FROM information_schema.tables "
            f"WHERE table_schema IN ({where}) AND table_name IN ({what})",
        )

    def _query(self, login: Login, statement: str) -> Any:
        driver = load_driver("connect to", "database server", login.place)
        if login not in self._open:
            self._open[login] = connect(login)
        try:
            with self._open[login].cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        except driver.err.MySQLError as error:
            raise CollectionError(
                "read",
                "schema revisions on",
                login.place,
                server_message(error)[1],
                f"Grant {login.user} all privileges on the service's databases",
                code="refused_by_server",
            ) from error


def _chosen(desired: Desired) -> list[Schema]:
    """The desired schemas; what tells of a subproject is only read where that is one of them."""
    service = desired.service
    own = {schema.name: schema for schema in service.schemas}
    others = read_subprojects(service, _package)
    chosen = choose(service, desired.schemas, {**own, **others})
    return [own[name] if name in own else others[name]() for name in chosen]


def _package(name: str) -> str:
    """The directory of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.origin:
        raise UnreachableError(
            "find",
            "Python package",
            name,
            "it is not installed for the Python that Ansible uses on the host",
            "Install the service's packages first",
        )
    return os.path.dirname(spec.origin)


def _code(schema: Schema, package: str) -> Union[AlembicCode, MigrateCode]:
    home = _package(schema.package) if schema.package else package
    alembic = os.path.join(home, schema.alembic)
    repositories = [os.path.join(home, repository) for repository in schema.migrate]
    if repositories and not os.path.isdir(alembic):
        return read_migrate(repositories)
    return read_alembic(alembic, required=schema.package is None)


def _told(value: str) -> dict[str, str]:
    """The environment that tells oslo.config a URL, in which a dollar sign refers to nothing."""
    return {CONNECTION_VARIABLE: value.replace("$", "\\$")}


def _parsed(value: str, origin: str) -> url.DatabaseUrl:
    place = url.parse(value, origin)
    if place.backend not in ("mysql", "mariadb"):
        raise CollectionError(
            "read",
            "database URL in",
            origin,
            f"{place.backend} is not supported",
            "Use MariaDB or MySQL",
            code="unsupported_backend",
        )
    return place


def _select(database: str, table: str) -> str:
    columns = "repository_id, version" if table == _MIGRATE_TABLE else "version_num, 0"
    labels = f"{sql.literal(database)}, {sql.literal(table)}"
    return f"SELECT {labels}, {columns} FROM {sql.identifier(database)}.{sql.identifier(table)}"


def _tail(output: Output) -> str:
    lines = (output.stderr.strip() or output.stdout.strip()).splitlines()
    return " / ".join(line.strip() for line in lines[-_ERROR_LINES:]) or "it printed nothing"
