# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Nova without servers: databases in memory, and a nova-manage with the habits of the real one."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field, replace

from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import (
    Computes,
    ComputeService,
    Occupancy,
    Settings,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import CELL0_UUID, Cell
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_urls import (
    carries_secret,
    expand,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared.database_url import parse


@dataclass
class CellDatabase:
    """What a cell's database holds, as far as cells and hosts go."""

    services: dict[str, ComputeService] = field(default_factory=dict)
    nodes: dict[str, bool] = field(default_factory=dict)
    instances: dict[str, str] = field(default_factory=dict)
    """The host by the instance's uuid."""


class FakeNova:
    """Inventory and writer over the same memory. ``calls`` are the writes, in order."""

    def __init__(self, settings: Settings, password: bytes = b"") -> None:
        self.settings = settings
        self.password = password
        self.cells: list[Cell] = []
        self.hosts: dict[str, int] = {}
        self.instance_mappings: dict[str, int] = {}
        self.databases: dict[str, CellDatabase] = {}
        self.calls: list[str] = []
        self.has_schema = True
        self.away: set[str] = set()
        self.turned_away: tuple[CollectionError, ...] = ()
        self._ids = itertools.count(1)

    # What a test sets up

    def create_schema(self, name: str) -> None:
        """What a sync of the schema with this name leads to."""
        self.has_schema = self.has_schema or name == "api"

    def add_compute(
        self, database: str, host: str, *, node: bool = True, marked: bool = False, silent_for: int | None = 3
    ) -> None:
        """A nova-compute that reported itself, with its compute node unless that is still to come."""
        there = self.databases.setdefault(database, CellDatabase())
        there.services[host] = ComputeService(host, silent_for)
        if node:
            there.nodes[host] = marked

    def add_instance(self, database: str, host: str, identity: int, *, alive: bool = True) -> str:
        """An instance on a host, mapped to the cell with this id."""
        name = str(uuid.uuid4())
        self.instance_mappings[name] = identity
        if alive:
            self.databases.setdefault(database, CellDatabase()).instances[name] = host
        return name

    def add_cell(
        self, name: str, transport_url: str, database_connection: str, disabled: bool = False
    ) -> Cell:
        """A cell that somebody made before."""
        cell = Cell(name, str(uuid.uuid4()), transport_url, database_connection, disabled, next(self._ids))
        self.cells.append(cell)
        return cell

    def add_cell0(self, database_connection: str) -> Cell:
        """The cell0 that somebody mapped before."""
        cell = Cell("cell0", CELL0_UUID, "none:///", database_connection, False, next(self._ids))
        self.cells.append(cell)
        return cell

    # Reading

    def read_settings(self) -> Settings:
        return self.settings

    def cells_and_hosts(self, api: str) -> tuple[tuple[Cell, ...], dict[str, int]]:
        self._log_in(api)
        if not self.has_schema:
            raise UnreachableError("read", "database", "nova_api", "no such table", "Run nova_db_sync first")
        return tuple(self.cells), dict(self.hosts)

    def computes(self, cell: str) -> Computes:
        there = self._database(cell)
        return Computes(dict(there.services), dict(there.nodes))

    def cell_occupancy(self, api: str, cell: str, identity: int) -> Occupancy:
        self._log_in(api)
        mappings = sum(1 for mapped in self.instance_mappings.values() if mapped == identity)
        if not mappings:
            return Occupancy()
        return replace(self._occupancy(list(self._database(cell).instances)), mappings=mappings)

    def host_occupancy(self, cell: str, host: str) -> Occupancy:
        instances = self._database(cell).instances
        return self._occupancy([name for name, place in instances.items() if place == host])

    def refusals(self) -> tuple[CollectionError, ...]:
        return self.turned_away

    # Writing

    def map_cell0(self, database_connection: str) -> None:
        self.calls.append("map_cell0")
        if not any(cell.is_cell0 for cell in self.cells):
            self.add_cell0(database_connection)

    def create_cell(self, name: str, disabled: bool, transport_url: str, database_connection: str) -> None:
        self.calls.append(f"create_cell {name}")
        self._refuse_twins(None, transport_url, database_connection)
        self.add_cell(name, transport_url, database_connection, disabled)

    def update_cell(
        self, uuid: str, name: str, disabled: bool | None, transport_url: str, database_connection: str
    ) -> None:
        self.calls.append(f"update_cell {name}")
        self._refuse_twins(uuid, transport_url, database_connection)
        index, cell = self._find(uuid)
        if disabled is None:
            disabled = cell.disabled
        self.cells[index] = replace(
            cell,
            name=name,
            transport_url=transport_url,
            database_connection=database_connection,
            disabled=disabled,
        )

    def delete_cell(self, uuid: str) -> None:
        self.calls.append("delete_cell")
        index, cell = self._find(uuid)
        if cell.id in self.hosts.values() or cell.id in self.instance_mappings.values():
            raise self._refusal("delete_cell", 2)
        del self.cells[index]

    def discover_hosts(self, cell: Cell | None, by_service: bool) -> None:
        self.calls.append("discover_hosts" + (" --by-service" if by_service else ""))
        uuid = self._uuid(cell) if cell else None
        for cell in self.cells:
            if cell.is_cell0 or uuid not in (None, cell.uuid):
                continue
            there = self._database(expand(cell.database_connection or "", self.settings.connection))
            found = (
                there.services if by_service else [host for host, marked in there.nodes.items() if not marked]
            )
            for host in found:
                if host not in self.hosts and cell.id is not None:
                    self.hosts[host] = cell.id
                    there.nodes[host] = True

    def delete_host(self, cell: Cell, host: str) -> None:
        self.calls.append(f"delete_host {host}")
        _index, cell = self._find(self._uuid(cell))
        there = self._database(expand(cell.database_connection or "", self.settings.connection))
        if host in there.instances.values():
            raise self._refusal("delete_host", 4)
        del self.hosts[host]
        there.nodes.update(dict.fromkeys(there.nodes.keys() & {host}, False))

    def _uuid(self, cell: Cell) -> str:
        """That of a cell made meanwhile is found by its name."""
        return cell.uuid or next(found.uuid for found in self.cells if found.name == cell.name and found.uuid)

    def _find(self, uuid: str) -> tuple[int, Cell]:
        return next((index, cell) for index, cell in enumerate(self.cells) if cell.uuid == uuid)

    def _refuse_twins(self, uuid: str | None, transport_url: str, database_connection: str) -> None:
        """The comparison of nova-manage, which fills in templates from the URL that it is about to write."""
        queue = transport_url if carries_secret(transport_url) else self.settings.transport_url
        connection = database_connection if carries_secret(database_connection) else self.settings.connection
        for cell in self.cells:
            if cell.uuid != uuid and (
                expand(cell.transport_url or "", queue) == transport_url
                or expand(cell.database_connection or "", connection) == database_connection
            ):
                raise self._refusal("update_cell" if uuid else "create_cell", 3 if uuid else 2)

    def _log_in(self, url: str) -> str:
        target = parse(url, "a test")
        if self.password and target.login.password != self.password:
            raise CollectionError(
                "log in to",
                "database server",
                target.login.place,
                "Access denied",
                "Correct it",
                code="access_denied",
            )
        return target.database

    def _database(self, url: str) -> CellDatabase:
        database = self._log_in(url)
        if database in self.away:
            raise UnreachableError("read", "database", database, "no such database", "Run nova_db_sync first")
        return self.databases.setdefault(database, CellDatabase())

    @staticmethod
    def _occupancy(instances: list[str]) -> Occupancy:
        return Occupancy(len(instances), examples=tuple(instances[:3]))

    @staticmethod
    def _refusal(command: str, status: int) -> CollectionError:
        return CollectionError(
            "run", "nova-manage", command, f"status {status}", "See why", code="nova_manage", status=status
        )
