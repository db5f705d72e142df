# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``nova_db_sync`` needs of a host, and a real host: its packages, its databases, its programs."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Callable, Protocol, Union

from .._clients.oslo_config import environment_variable, escaped, read_assumed_settings
from .._clients.sql import option_file
from .._engine.errors import CollectionError, UnreachableError
from .._engine.process import Output
from .._engine.redaction import Redactor
from .._engine.secret_file import secret_file
from .._shared.cell_urls import cell0_connection, expand, require_filled
from .._shared.database_url import DatabaseUrl, parse, with_option_file
from .._shared.services import CELL0, DatabaseSchema
from .online import Migrated, parse_migrated
from .parameters import Desired
from .remains import clear_remains
from .revisions import AlembicCode, MigrateCode, read_alembic, read_migrate
from .stamps import StampReader
from .state import SchemaState, State
from .subprojects import read_subprojects

CONNECTION_VARIABLE = environment_variable("database", "connection")
"""The way to name a database to a program without showing its URL."""

_NOT_CONFIGURED = "sqlite"
_IGNORED = "Exception ignored in"
_TRACEBACK = "Traceback ("
_TRACE = re.compile(r"\s+\S|Traceback \(|The above exception was ")
# SQLAlchemy has the whole statement after what was wrong with it.
_STATEMENT = "\n[SQL"
_ERROR_LINES = 5
_SUCCESS = 0
_SOME_FAILED = 2


class SchemaClient(Protocol):
    """Reads stamps and migration scripts; changes schemas through the service's own program."""

    def read(self, desired: Desired) -> State:
        """The state of the desired schemas, in their order."""

    def sync(self, desired: Desired, name: str) -> None:
        """Bring one schema, which was read before, to the heads of the code."""

    def migrate_online(self, desired: Desired) -> Migrated:
        """Run online data migrations to their end; a CollectionError names those that failed."""


class HostClient:
    """This host; the secrets that it reads are made known to ``redactor``, and ``warn`` reports what it repairs."""

    def __init__(self, redactor: Redactor, warn: Callable[[str], None]) -> None:
        self._redactor = redactor
        self._warn = warn
        self._schemas: list[DatabaseSchema] = []
        self._urls: dict[str, str] = {}

    def read(self, desired: Desired) -> State:
        """See ``SchemaClient``; one connection for all databases that one login reaches."""
        package = _package(desired.service.name)
        schemas = self._schemas = _chosen(desired)
        with closing(StampReader(desired.administrator)) as reader:
            self._urls = self._resolve_urls(desired, schemas, reader)
            places = {schema: self._place(schema) for schema in schemas}
            stamps = reader.read(places)
        return State(
            {
                schema.name: SchemaState(
                    schema,
                    place.database,
                    stamps[schema.name],
                    _code(schema, package, desired.service.distribution),
                    url_in_environment=self._misread(schema),
                )
                for schema, place in places.items()
            },
            reader.refusals,
        )

    def sync(self, desired: Desired, name: str) -> None:
        """See ``SchemaClient``; what an interrupted first sync left is removed, and the sync starts again."""
        schema = next(schema for schema in self._schemas if schema.name == name)
        with self._environment(desired, schema) as environment:
            try:
                self._run(desired, schema.sync, f"sync schema {name}", environment)
            except CollectionError:
                place = self._place(schema)
                tables = clear_remains(schema, place)
                if not tables:
                    raise
                self._warn(
                    f"Database {place.database} had {tables} tables of a sync that was cut, without a row. They were "
                    "dropped, and the sync started again."
                )
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
                changed=migrated.completed > 0,
            )
        return migrated

    def _resolve_urls(
        self, desired: Desired, schemas: Sequence[DatabaseSchema], reader: StampReader
    ) -> dict[str, str]:
        service = desired.service
        places = sorted({(schema.section, "connection") for schema in service.schemas})
        settings = read_assumed_settings(
            service.name, service.program, desired.files, places, desired.assumed
        )
        configured = {section: value for (section, _name), value in settings.items()}
        self._redactor.learn_urls(*configured.values())
        urls = {}
        for schema in schemas:
            value = configured[schema.section]
            if schema.name == CELL0:
                value = _cell0_url(desired, configured, reader)
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

    @contextmanager
    def _environment(self, desired: Desired, schema: DatabaseSchema) -> Iterator[dict[str, str]]:
        """What the program needs beside its files: a URL that it cannot get from them."""
        value = self._urls[schema.name]
        if schema.name == CELL0:
            yield {CONNECTION_VARIABLE: escaped(value)}
        elif self._misread(schema):
            with secret_file(option_file(self._place(schema).login), desired.program.run_as) as path:
                yield {CONNECTION_VARIABLE: escaped(with_option_file(value, path))}
        else:
            yield {}

    def _misread(self, schema: DatabaseSchema) -> bool:
        return schema.plain_url and "%" in self._urls[schema.name]

    def _place(self, schema: DatabaseSchema) -> DatabaseUrl:
        return parse(self._urls[schema.name], f"schema {schema.name}")

    def _run(
        self,
        desired: Desired,
        words: Sequence[str],
        deed: str,
        environment: Mapping[str, str] | None = None,
        accept: Sequence[int] = (_SUCCESS,),
    ) -> Output:
        output = desired.program.run(*words, environment=environment)
        if output.code not in accept:
            raise CollectionError(
                deed,
                "of",
                desired.service.name,
                f"{desired.service.program} ended with status {output.code}: {_tail(output)}",
                f"See the log of {desired.service.program} and of the database server",
                code="command_failed",
                command=" ".join(desired.program.argv(*words)),
                stderr=output.stderr,
                stdout=output.stdout,
            )
        return output


def _cell0_url(desired: Desired, configured: Mapping[str, str | None], reader: StampReader) -> str | None:
    """The given URL, else the mapped one; before there is a mapping, the one that it will get."""
    api, main = configured["api_database"], configured["database"]
    if desired.cell0_connection:
        source = f"[database] connection in {desired.files[0]}"
        require_filled(desired.cell0_connection, main, CELL0, "database connection", source)
        return expand(desired.cell0_connection, main)
    if not api or api.startswith(_NOT_CONFIGURED):
        return api
    place = parse(api, "section api_database")
    mapped = None if desired.maps_cell0 else reader.read_cell0(place)
    return expand(mapped, main) if mapped else cell0_connection(api)


def _chosen(desired: Desired) -> list[DatabaseSchema]:
    """The desired schemas; a subproject's state is only read where that is one of them."""
    service = desired.service
    own = {schema.name: schema for schema in service.schemas}
    others = read_subprojects(service, _package)
    chosen = desired.choose({**own, **others})
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


def _code(schema: DatabaseSchema, package: str, distribution: str) -> Union[AlembicCode, MigrateCode]:
    home = _package(schema.package) if schema.package else package
    alembic = os.path.join(home, schema.alembic)
    paths = (os.path.join(home, repository) for repository in schema.migrate)
    repositories = [path for path in paths if os.path.isdir(path)]
    if repositories and (not os.path.isdir(alembic) or _version(distribution) < schema.alembic_since):
        return read_migrate(repositories)
    return read_alembic(alembic, required=schema.package is None)


def _version(distribution: str) -> int:
    """The installed major version of a service."""
    from importlib import metadata

    return int(metadata.version(distribution).partition(".")[0])


def _tail(output: Output) -> str:
    """What the program said last, without what Python says where it stood, or of its own end after that."""
    texts = [text for text in (output.stderr.strip(), output.stdout.strip()) if text]
    # nova-manage reports its failure on the standard output, and its libraries' on the other.
    text = next((text for text in texts if _TRACEBACK in text), texts[0] if texts else "")
    lines = text.partition(_IGNORED)[0].partition(_STATEMENT)[0].splitlines() or text.splitlines()
    words = [line for line in lines if line.strip() and not _TRACE.match(line)] or lines
    return " / ".join(line.strip() for line in words[-_ERROR_LINES:]) or "it printed nothing"
