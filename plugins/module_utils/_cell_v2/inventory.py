# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading cells, hosts and computes straight from Nova's configuration and databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

from .._clients.oslo_config import Place, read_assumed_settings
from .._clients.sql import Login, QueryError, SqlConnections, identifier
from .._engine.errors import CollectionError, UnreachableError
from .._shared.cell_mappings import Cell, read_cells
from .._shared.cell_urls import require_encoded
from .._shared.database_url import DatabaseUrl, parse
from .._shared.services import SERVICES
from .state import Computes, ComputeService, Occupancy, Settings

_NOVA = SERVICES["nova"]
_API, _MAIN, _QUEUE = ("api_database", "connection"), ("database", "connection"), ("DEFAULT", "transport_url")
_NO_DATABASE, _NO_TABLE = 1049, 1146
_DENIED = frozenset({1044, 1142})
_EXAMPLES = 3


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
