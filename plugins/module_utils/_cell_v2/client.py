# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cells, hosts and computes: read straight from Nova's configuration and databases, written through nova-manage."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Callable, Protocol

from .._clients.oslo_config import Place, escaped, read_assumed_settings
from .._clients.service_program import ServiceProgram
from .._clients.sql import Login, QueryError, SqlConnections, identifier
from .._engine.errors import CollectionError, UnreachableError
from .._engine.process import last_words
from .._engine.secret_file import secret_file
from .._shared.cell_mappings import CELL0_TRANSPORT, CELL0_UUID, Cell, read_cells
from .._shared.cell_urls import carries_secret, require_encoded, without_secret
from .._shared.database_url import DatabaseUrl, parse
from .._shared.services import CELL0, SERVICES
from .state import Computes, ComputeService, Occupancy, Settings

_NOVA = SERVICES["nova"]
_API, _MAIN, _QUEUE = ("api_database", "connection"), ("database", "connection"), ("DEFAULT", "transport_url")
_NO_DATABASE, _NO_TABLE = 1049, 1146
_DENIED = frozenset({1044, 1142})
_EXAMPLES = 3
_SOURCES = {"transport_url": "DEFAULT", "database_connection": "database"}
_KEYS = {"transport_url": "transport_url", "database_connection": "connection"}
_OPTIONS = {"transport_url": "--transport-url", "database_connection": "--database_connection"}


class Inventory(Protocol):
    """What the operation reads. Connections are database URLs in full."""

    def read_settings(self) -> Settings:
        """What Nova's configuration says of cells. UnreachableError where it is not there (yet)."""

    def cells_and_hosts(self, api: str) -> tuple[tuple[Cell, ...], dict[str, int]]:
        """All cell mappings, and the cell's id per mapped host."""

    def computes(self, cell: str) -> Computes:
        """The nova-compute services and the compute nodes in a cell's database."""

    def cell_occupancy(self, api: str, cell: str, identity: int) -> Occupancy:
        """What is still mapped to, and lives in, the cell with this id."""

    def host_occupancy(self, cell: str, host: str) -> Occupancy:
        """The instances on a host."""

    def refusals(self) -> tuple[CollectionError, ...]:
        """Why an administrator had to read, if it had to."""


class SqlInventory:
    """Nova's configuration on this host, and its databases on any server that speaks the MySQL protocol.

    ``assumed`` is what the configuration is about to say. On the servers that it names, ``administrator`` reads
    where Nova's own account is turned away.
    """

    def __init__(
        self,
        config_file: str,
        assumed: Mapping[Place, str] | None = None,
        administrator: Login | None = None,
    ) -> None:
        self._config_file = config_file
        self._assumed = assumed or {}
        self._administrator = administrator
        self._connections = SqlConnections()

    def read_settings(self) -> Settings:
        """See ``Inventory``; the same that Nova's services read."""
        places = (_API, _MAIN, _QUEUE)
        found = read_assumed_settings(_NOVA.name, _NOVA.program, [self._config_file], places, self._assumed)
        for place in (_API, _MAIN):
            url = found[place]
            if url and self._administrator:
                self._connections.stand_in(self._administrator, _database(url).login.place)
        if found[_QUEUE]:
            require_encoded(found[_QUEUE] or "", "transport_url", self._config_file)
        return Settings(self._config_file, *(found[place] for place in places))

    def cells_and_hosts(self, api: str) -> tuple[tuple[Cell, ...], dict[str, int]]:
        """See ``Inventory``. UnreachableError where the API database has no schema yet."""
        database = _database(api)
        with _explaining(database):
            cells = read_cells(self._connections, database)
        hosts = self._select(api, "SELECT host, cell_id FROM {}", "host_mappings")
        return cells, {row["host"]: row["cell_id"] for row in hosts}

    def uuid_of(self, name: str) -> str:
        """The uuid of the cell with this name, which must be there."""
        cells, _hosts = self.cells_and_hosts(self.read_settings().api_connection or "")
        for cell in cells:
            if cell.name == name and cell.uuid:
                return cell.uuid
        raise CollectionError(
            "find",
            "cell",
            name,
            "nova-manage reported success, but the API database does not hold it",
            "See that nova-manage and this task read the same configuration",
            code="unproven",
        )

    def computes(self, cell: str) -> Computes:
        """See ``Inventory``."""
        services = self._select(
            cell,
            "SELECT host, disabled, forced_down, "
            "TIMESTAMPDIFF(SECOND, last_seen_up, UTC_TIMESTAMP()) AS silent_for "
            "FROM {} WHERE deleted = 0 AND `binary` = 'nova-compute'",
            "services",
        )
        nodes = self._select(
            cell,
            "SELECT host, MIN(mapped) AS mapped FROM {} WHERE deleted = 0 AND host IS NOT NULL GROUP BY host",
            "compute_nodes",
        )
        return Computes(
            {row["host"]: _service(row) for row in services},
            {row["host"]: bool(row["mapped"]) for row in nodes},
        )

    def cell_occupancy(self, api: str, cell: str, identity: int) -> Occupancy:
        """See ``Inventory``; a cell's database is not needed where no instance was ever mapped to it."""
        (mapped,) = self._select(
            api, "SELECT COUNT(*) AS number FROM {} WHERE cell_id = %s", "instance_mappings", (identity,)
        )
        if not mapped["number"]:
            return Occupancy()
        living = self._instances(cell, "deleted = 0", ())
        return Occupancy(living.instances, mapped["number"], living.examples)

    def host_occupancy(self, cell: str, host: str) -> Occupancy:
        """See ``Inventory``."""
        return self._instances(cell, "deleted = 0 AND host = %s", (host,))

    def refusals(self) -> tuple[CollectionError, ...]:
        """See ``Inventory``."""
        return tuple(self._connections.refusals.values())

    def _instances(self, cell: str, condition: str, values: Sequence[Any]) -> Occupancy:
        query = f"SELECT {{what}} FROM {{{{}}}} WHERE {condition}"
        (row,) = self._select(cell, query.format(what="COUNT(*) AS number"), "instances", values)
        if not row["number"]:
            return Occupancy()
        some = self._select(
            cell, query.format(what="uuid"), "instances", values, order=f"ORDER BY id LIMIT {_EXAMPLES}"
        )
        return Occupancy(row["number"], examples=tuple(found["uuid"] for found in some))

    def _select(
        self, url: str, query: str, table: str, values: Sequence[Any] = (), order: str = ""
    ) -> list[dict[str, Any]]:
        database = _database(url)
        place = f"{identifier(database.database)}.{identifier(table)}"
        if values:
            # The driver fills them in with %.
            place = place.replace("%", "%%")
        with _explaining(database):
            return self._connections.mappings(database.login, f"{query.format(place)} {order}", values)


def _database(url: str) -> DatabaseUrl:
    return parse(url, "a cell mapping or Nova's configuration")


@contextmanager
def _explaining(database: DatabaseUrl) -> Iterator[None]:
    """Say what to do about a statement that the server refuses."""
    try:
        yield
    except QueryError as error:
        raise _explained(database, error) from error


def _explained(database: DatabaseUrl, error: QueryError) -> CollectionError:
    name = database.database
    if error.number in (_NO_DATABASE, _NO_TABLE):
        return UnreachableError("read", "database", name, error.text, "Run nova_db_sync first")
    if error.number in _DENIED:
        return CollectionError(
            "read",
            "database",
            name,
            error.text,
            f"Grant user {database.login.user} all privileges on it (nova_db does)",
            code="access_denied",
        )
    return CollectionError("read", "database", name, error.text, "See the server's log", errno=error.number)


def _service(row: dict[str, Any]) -> ComputeService:
    return ComputeService(row["host"], row["silent_for"], bool(row["disabled"]), bool(row["forced_down"]))


class CellWriter(Protocol):
    """What the steps write with. Every method raises CollectionError where Nova refuses."""

    def map_cell0(self, database_connection: str) -> None:
        """Map cell0 to its database."""

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        """Make a cell."""

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        """Set a cell's name and URLs, and whether it is disabled (None: as it is)."""

    def delete_cell(self, uuid: str) -> None:
        """Remove an empty cell."""

    def discover_hosts(self, cell: Cell | None, by_service: bool) -> None:
        """Map the hosts with unmapped compute nodes, of one cell or (None) of all.

        A cell without a uuid was made by a step before this one.
        """

    def delete_host(self, cell: Cell, host: str) -> None:
        """Take away a host's mapping; the cell is given as for ``discover_hosts``."""


class NovaManage:
    """The installed nova-manage, run as Nova's user.

    A URL that carries a password reaches it in a configuration file of mode 0600 that is read after the
    others and removed at once: where nova-manage is given no URL, it takes the configured one. ``uuid_of``
    finds the uuid of a cell by its name.
    """

    def __init__(self, program: ServiceProgram, uuid_of: Callable[[str], str]) -> None:
        self._program = program
        self._uuid_of = uuid_of

    def map_cell0(self, database_connection: str) -> None:
        """See ``CellWriter``.

        Without a URL nova-manage would decode the configured one, password included, and a password must not
        be in the command line: so cell0 is made with a template of its URL and then given the URL itself.
        """
        template = without_secret(database_connection)
        self._call("map", "cell", CELL0, "map_cell0", "--database_connection", template)
        if template != database_connection:
            self.update_cell(CELL0_UUID, CELL0, None, CELL0_TRANSPORT, database_connection)

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        """See ``CellWriter``."""
        words = ["create_cell", "--name", name, *(["--disabled"] if disabled else [])]
        self._call("create", "cell", name, *words, urls=_urls(transport_url, database_connection))

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        """See ``CellWriter``. Both URLs are always given: one left out would become the configured one."""
        words = ["update_cell", "--cell_uuid", uuid, "--name", name]
        if disabled is not None:
            words.append("--disable" if disabled else "--enable")
        self._call("update", "cell", name, *words, urls=_urls(transport_url, database_connection))

    def delete_cell(self, uuid: str) -> None:
        """See ``CellWriter``."""
        self._call("remove", "cell", uuid, "delete_cell", "--cell_uuid", uuid)

    def discover_hosts(self, cell: Cell | None, by_service: bool) -> None:
        """See ``CellWriter``."""
        words = ["discover_hosts", *(["--cell_uuid", self._uuid(cell)] if cell else [])]
        self._call("discover", "hosts", "", *words, *(["--by-service"] if by_service else []))

    def delete_host(self, cell: Cell, host: str) -> None:
        """See ``CellWriter``."""
        self._call("remove", "host", host, "delete_host", "--cell_uuid", self._uuid(cell), "--host", host)

    def _uuid(self, cell: Cell) -> str:
        return cell.uuid or self._uuid_of(cell.name)

    def _call(
        self, verb: str, kind: str, name: str, *words: str, urls: Mapping[str, str] | None = None
    ) -> None:
        urls = urls or {}
        secret = {field: url for field, url in urls.items() if carries_secret(url)}
        plain = [
            word for field, url in urls.items() if field not in secret for word in (_OPTIONS[field], url)
        ]
        with self._secret_files(secret) as files:
            output = self._program.run("cell_v2", *words, *plain, more_files=files)
        if output.code:
            message = last_words(output.stdout, output.stderr)
            raise CollectionError(
                verb,
                kind,
                name,
                f"nova-manage cell_v2 {words[0]} ended with status {output.code}: {message}",
                "See the log of nova-manage and run again",
                code="nova_manage",
                status=output.code,
            )

    @contextmanager
    def _secret_files(self, secret: Mapping[str, str]) -> Iterator[list[str]]:
        """The configuration file with the secret URLs, there for as long as nova-manage runs; none for no secret."""
        if not secret:
            yield []
            return
        text = "".join(
            f"[{_SOURCES[field]}]\n{_KEYS[field]} = {escaped(url)}\n" for field, url in secret.items()
        )
        with secret_file(text, self._program.run_as, ".conf", prefix="cell_v2-") as path:
            yield [path]


class CellClient(Inventory, CellWriter, Protocol):
    """What cells and hosts are read and written with."""


class NovaCells(SqlInventory, NovaManage):
    """The cells of this host's Nova."""

    def __init__(
        self,
        config_file: str,
        program: ServiceProgram,
        assumed: Mapping[Place, str] | None = None,
        administrator: Login | None = None,
    ) -> None:
        SqlInventory.__init__(self, config_file, assumed, administrator)
        NovaManage.__init__(self, program, self.uuid_of)


def _urls(transport_url: str, database_connection: str) -> dict[str, str]:
    return {"transport_url": transport_url, "database_connection": database_connection}
