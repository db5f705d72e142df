# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading cells, hosts and computes straight from Nova's databases: one connection per server and user."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from ..database.connection import Login, connect, load_driver, server_message
from ..database.sql import identifier
from ..database.url import parse
from ..engine.errors import CollectionError, UnreachableError
from .state import Cell, Computes, ComputeService, Load

_NO_DATABASE, _NO_TABLE = 1049, 1146
_DENIED = frozenset({1044, 1142})
_EXAMPLES = 3


class Inventory(Protocol):
    """What the operation reads. Connections are database URLs in full."""

    def cells_and_hosts(self, api: str) -> tuple[tuple[Cell, ...], dict[str, int]]:
        """All cell mappings, and the cell's id per mapped host."""

    def computes(self, cell: str) -> Computes:
        """The nova-compute services and the compute nodes in a cell's database."""

    def cell_load(self, api: str, cell: str, identity: int) -> Load:
        """What is still mapped to, and lives in, the cell with this id."""

    def host_load(self, cell: str, host: str) -> Load:
        """The instances on a host."""


class SqlInventory:
    """Nova's own databases, on any server that speaks the MySQL protocol."""

    def __init__(self) -> None:
        self._connections: dict[Login, Any] = {}

    def cells_and_hosts(self, api: str) -> tuple[tuple[Cell, ...], dict[str, int]]:
        """See ``Inventory``. UnreachableError where the API database has no schema yet."""
        cells = self._select(api, "SELECT * FROM {}", "cell_mappings", order="ORDER BY id")
        hosts = self._select(api, "SELECT host, cell_id FROM {}", "host_mappings")
        return tuple(map(_cell, cells)), {row["host"]: row["cell_id"] for row in hosts}

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

    def cell_load(self, api: str, cell: str, identity: int) -> Load:
        """See ``Inventory``; a cell's database is not needed where no instance was ever mapped to it."""
        (mapped,) = self._select(
            api, "SELECT COUNT(*) AS number FROM {} WHERE cell_id = %s", "instance_mappings", (identity,)
        )
        if not mapped["number"]:
            return Load()
        living = self._instances(cell, "deleted = 0", ())
        return Load(living.instances, mapped["number"], living.examples)

    def host_load(self, cell: str, host: str) -> Load:
        """See ``Inventory``."""
        return self._instances(cell, "deleted = 0 AND host = %s", (host,))

    def _instances(self, cell: str, condition: str, values: Sequence[Any]) -> Load:
        query = f"SELECT {{what}} FROM {{{{}}}} WHERE {condition}"
        (row,) = self._select(cell, query.format(what="COUNT(*) AS number"), "instances", values)
        if not row["number"]:
            return Load()
        some = self._select(
            cell, query.format(what="uuid"), "instances", values, order=f"ORDER BY id LIMIT {_EXAMPLES}"
        )
        return Load(row["number"], examples=tuple(found["uuid"] for found in some))

    def _select(
        self, url: str, query: str, table: str, values: Sequence[Any] = (), order: str = ""
    ) -> list[dict[str, Any]]:
        target = parse(url, "a cell mapping or Nova's configuration")
        if target.backend not in ("mysql", "mariadb"):
            raise CollectionError(
                "read",
                "database",
                target.database,
                f"{target.backend} is not supported",
                "Use a database on MariaDB or MySQL (mysql+pymysql://…)",
                code="unsupported_database",
            )
        driver = load_driver("read", "database", target.database)
        connection = self._connections.get(target.login)
        if connection is None:
            connection = self._connections[target.login] = connect(target.login)
        place = f"{identifier(target.database)}.{identifier(table)}"
        if values:
            # The driver fills them in with %.
            place = place.replace("%", "%%")
        try:
            with connection.cursor(driver.cursors.DictCursor) as cursor:
                cursor.execute(f"{query.format(place)} {order}", values or None)
                return list(cursor.fetchall())
        except driver.err.MySQLError as error:
            raise _explained(target.database, target.login, error) from error


def _explained(database: str, login: Login, error: Exception) -> CollectionError:
    number, text = server_message(error)
    if number in (_NO_DATABASE, _NO_TABLE):
        return UnreachableError("read", "database", database, text, "Run nova_db_sync first")
    if number in _DENIED:
        return CollectionError(
            "read",
            "database",
            database,
            text,
            f"Grant user {login.user} all privileges on it (nova_db does)",
            code="access_denied",
        )
    return CollectionError("read", "database", database, text, "See the server's log", errno=number)


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(
        name=row["name"] or "",
        uuid=row["uuid"],
        transport_url=row["transport_url"],
        database_connection=row["database_connection"],
        disabled=bool(row.get("disabled")),
        id=row["id"],
    )


def _service(row: dict[str, Any]) -> ComputeService:
    return ComputeService(row["host"], row["silent_for"], bool(row["disabled"]), bool(row["forced_down"]))
