# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller without servers: the module cell_v2 run against a fake Nova, on a separate clock."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.operation import CellV2
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import Settings
from ansible_collections.stackwright.nova.plugins.module_utils._engine.operation import Operation
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.operation import NovaDbSync
from ansible_collections.stackwright.nova.plugins.modules import cell_v2

from .clock import FakeClock
from .modules import run_module
from .nova import FakeNova
from .schema import FakeSchemas


class FakeCloud:
    """What a test does with a controller. Passwords are given as they stand in URLs."""

    place = "db"

    def __init__(self) -> None:
        self.nova = FakeNova(Settings(""))
        self.schemas = FakeSchemas()
        self.clock = FakeClock()
        self.outputs: list[str] = []

    def configure(self, password: str, rabbit: str) -> None:
        """Write Nova's configuration, and give the database's user this password."""
        main = self.database("nova", password)
        queue = f"rabbit://openstack:{rabbit}@mq:5672/"
        self.nova.settings = Settings("/etc/nova/nova.conf", self.database("nova_api", password), main, queue)
        self.nova.password = unquote(password).encode("latin-1")

    def database(self, name: str, password: str) -> str:
        """The URL of a database."""
        return f"mysql+pymysql://nova:{password}@{self.place}/{name}"

    def run(self, **params: Any) -> dict[str, Any]:
        """Run the module; the result."""
        result = run_module(cell_v2, self._prepare, **params)
        self.outputs.append(json.dumps(result))
        return result

    def stored(self) -> dict[str, tuple[str | None, str | None, bool]]:
        """The cells by name: transport URL, database connection, disabled."""
        return {
            cell.name: (cell.transport_url, cell.database_connection, cell.disabled)
            for cell in self.nova.cells
        }

    def mapped(self) -> dict[str, str]:
        """The name of the cell by mapped host."""
        names = {cell.id: cell.name for cell in self.nova.cells}
        return {host: names[identity] for host, identity in self.nova.hosts.items()}

    def add_compute(self, database: str, host: str, *, node: bool = True, marked: bool = False) -> None:
        """A nova-compute that has just reported itself."""
        self.nova.add_compute(database, host, node=node, marked=marked)

    def add_instance(self, database: str, host: str, cell: str) -> str:
        """A living instance; its uuid."""
        (identity,) = (found.id for found in self.nova.cells if found.name == cell)
        return self.nova.add_instance(database, host, identity or 0)

    def take_away(self, database: str) -> None:
        """Let a database not be there any more."""
        self.nova.away.add(database)

    def drop_instances(self, database: str) -> None:
        """Delete and archive all of them."""
        self.nova.databases[database].instances.clear()
        self.nova.instance_mappings.clear()

    def _prepare(self, operations: Sequence[Operation[Any, Any, Any]]) -> None:
        for operation in operations:
            if isinstance(operation, NovaDbSync):
                operation.client = self.schemas
            elif isinstance(operation, CellV2):
                operation.client = self.nova
                operation.clock = self.clock
