# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova's cells as its API database maps them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._clients.sql import SqlConnections, identifier
from .._shared.database_url import DatabaseUrl

CELL0_UUID = "00000000-0000-0000-0000-000000000000"
CELL0_TRANSPORT = "none:///"
CELL_MAPPINGS = "cell_mappings"


@dataclass(frozen=True)
class Cell:
    """A row of cell_mappings. The uuid and the id are None for a cell that is yet to be made."""

    name: str
    uuid: str | None
    transport_url: str | None = field(repr=False)
    database_connection: str | None = field(repr=False)
    disabled: bool = False
    id: int | None = None

    @property
    def is_cell0(self) -> bool:
        """Whether this is the cell of the instances that were never scheduled."""
        return self.uuid == CELL0_UUID

    @property
    def key(self) -> str:
        """What identifies it: its uuid, or the name of a cell that is yet to be made."""
        return self.uuid or self.name

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name or str(self.uuid)


def read_cells(connections: SqlConnections, api: DatabaseUrl) -> tuple[Cell, ...]:
    """All cells in the API database, the oldest first. Raises what ``SqlConnections.mappings`` does."""
    rows = connections.mappings(api.login, f"SELECT * FROM {_table(api)} ORDER BY id")
    return tuple(map(_cell, rows))


def read_cell0_connection(connections: SqlConnections, api: DatabaseUrl) -> str | None:
    """The database URL of cell0, None where it is not mapped. Raises what ``SqlConnections.rows`` does."""
    statement = f"SELECT database_connection FROM {_table(api)} WHERE uuid = '{CELL0_UUID}'"
    for (url,) in connections.rows(api.login, statement):
        return str(url)
    return None


def _table(api: DatabaseUrl) -> str:
    return f"{identifier(api.database)}.{CELL_MAPPINGS}"


def _cell(row: dict[str, Any]) -> Cell:
    return Cell(
        name=row["name"] or "",
        uuid=row["uuid"],
        transport_url=row["transport_url"],
        database_connection=row["database_connection"],
        # Early releases cannot disable a cell.
        disabled=bool(row.get("disabled")),
        id=row["id"],
    )
