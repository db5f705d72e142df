# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind cell_v2: read all in one pass, write what differs, prove the result."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Callable

from ..engine.errors import CollectionError, UnreachableError
from ..engine.plan import Plan, Step
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .inventory import Inventory
from .manage import CellWriter
from .plan import describe, plan_cells
from .resolve import Change, cells_after, resolve
from .settings import Settings
from .state import Cell, Computes, Desired, Load, State
from .urls import expand, learn_secrets
from .waiting import hosts_with_nodes, missing_hosts, unmapped_hosts

_POLL_SECONDS = 1.0


@dataclass
class CellRegistration(Operation):
    """Cells and hosts of one API database.

    ``timeout`` is how long (seconds) to wait for ``desired.expect_hosts``; ``predicts`` is check mode.
    ``settings`` are what is known before they are read.
    """

    settings_reader: Callable[[], Settings]
    inventory: Inventory
    writer: CellWriter
    desired: Desired
    timeout: float
    predicts: bool
    redactor: Redactor
    settings: Settings
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    before: State | None = None

    def read(self) -> State:
        """Mappings, and as far as they matter the computes and instances of the cells."""
        self.settings = self.settings_reader()
        self.redactor.learn_urls(*self.settings.urls)
        self.before = self._read()
        return self.before

    def nothing(self) -> State:
        """No cell and no host; the configuration may be there already."""
        return State(self.settings)

    def plan(self, current: State) -> Plan:
        """See ``plan_cells``."""
        return plan_cells(self.desired, current, predicts=self.predicts)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Carry out the steps, waiting for the expected hosts before the first discovery, and prove them.

        Hosts that did not come in time keep nobody else from being mapped.
        """
        missing: Mapping[str, str] | None = None
        for step in plan.steps:
            if step.action == "discover_hosts":
                missing = self._await_hosts() if missing is None else missing
                if missing and not unmapped_hosts(self._read()):
                    continue
            self._write(step)
        after = self._read()
        if missing:
            raise self._late(missing)
        self._prove(after)
        known = self.before.hosts if self.before else {}
        return describe(after.cells, after.hosts, set(after.hosts) - set(known))

    def _write(self, step: Step) -> None:
        try:
            getattr(self.writer, step.action)(**self._arguments(step))
        except CollectionError:
            # Another discovery at the same time makes this one fail, and maps the same hosts.
            if step.action != "discover_hosts" or self._unproven(self._read()):
                raise

    def _arguments(self, step: Step) -> Mapping[str, Any]:
        """The step's arguments; a cell that was made meanwhile is named in them, and has its uuid now."""
        key = step.arguments.get("uuid")
        if key is None or any(cell.uuid == key for cell in (self.before.cells if self.before else ())):
            return step.arguments
        made = {cell.name: cell.uuid for cell in self._read().cells}
        return {**step.arguments, "uuid": made.get(key, key)}

    def _read(self) -> State:
        api = self.settings.api_connection
        if not api:
            raise UnreachableError(
                "find",
                "API database",
                "",
                f"{self.settings.config_file} has no [api_database] connection",
                "Configure Nova first",
            )
        cells, hosts = self.inventory.cells_and_hosts(api)
        for cell in cells:
            learn_secrets(self.redactor, cell.transport_url, cell.database_connection)
        state = State(self.settings, cells, hosts)
        changes = resolve(self.desired, state)
        computes, unread = self._computes(state, changes) if self.desired.discover else ({}, {})
        return State(
            self.settings,
            cells,
            hosts,
            computes,
            unread,
            self._cell_loads(api, changes),
            self._host_loads(state, changes),
        )

    def _computes(
        self, state: State, changes: tuple[Change, ...]
    ) -> tuple[dict[str, Computes], dict[str, str]]:
        found: dict[str, Computes] = {}
        unread: dict[str, str] = {}
        for cell in cells_after(state.cells, changes):
            if cell.is_cell0 or not cell.database_connection:
                continue
            try:
                found[cell.key] = self.inventory.computes(self._connection(cell))
            except CollectionError as error:
                # Under maintenance, or (in check mode) with a schema that is yet to come.
                is_early = self.predicts and isinstance(error, UnreachableError)
                if not (cell.disabled or is_early):
                    raise
                unread[cell.key] = str(error)
        return found, unread

    def _cell_loads(self, api: str, changes: tuple[Change, ...]) -> dict[str, Load]:
        loads = {}
        for cell in (change.current for change in changes if change.current and not change.target):
            with _asking(cell):
                loads[cell.key] = self.inventory.cell_load(api, self._connection(cell), cell.id or 0)
        return loads

    def _host_loads(self, state: State, changes: tuple[Change, ...]) -> dict[str, Load]:
        targets = {change.current.uuid: change.target for change in changes if change.current}
        cells = {cell.id: targets.get(cell.uuid) or cell for cell in state.cells}
        loads = {}
        for host in self.desired.remove_hosts:
            cell = cells.get(state.hosts.get(host))
            if cell:
                with _asking(cell):
                    loads[host] = self.inventory.host_load(self._connection(cell), host)
        return loads

    def _connection(self, cell: Cell) -> str:
        return expand(cell.database_connection or "", self.settings.connection)

    def _await_hosts(self) -> Mapping[str, str]:
        """Wait until the expected hosts can be discovered; what is known of those that are late."""
        deadline = self.clock() + self.timeout
        while True:
            missing = missing_hosts(self.desired.expect_hosts, self._read())
            if not missing or self.clock() >= deadline:
                return missing
            self.sleep(_POLL_SECONDS)

    def _late(self, missing: Mapping[str, str]) -> CollectionError:
        return CollectionError(
            "discover",
            "host" if len(missing) == 1 else "hosts",
            ", ".join(missing),
            f"not there after {self.timeout:g} seconds: {'; '.join(missing.values())}",
            "See the log of nova-compute there, and that its host name is the one expected",
            code="timeout",
            missing=list(missing),
        )

    def _prove(self, after: State) -> None:
        if self.desired.discover:
            unmapped = self._unproven(after)
            if unmapped:
                raise CollectionError(
                    "discover",
                    "host" if len(unmapped) == 1 else "hosts",
                    ", ".join(unmapped),
                    "nova-manage reported success, but no cell has a mapping of it",
                    "Run nova-manage cell_v2 discover_hosts --verbose by hand",
                    code="unmapped",
                    missing=unmapped,
                )
        wrong = [change.target or change.current for change in resolve(self.desired, after) if change.needed]
        if wrong:
            raise CollectionError(
                "write",
                "cell",
                ", ".join(cell.title for cell in wrong if cell),
                "nova-manage reported success, but the API database does not hold what was asked for",
                "See that nova-manage and this task read the same configuration",
                code="unproven",
            )

    def _unproven(self, after: State) -> list[str]:
        """The expected hosts that are not mapped, and those that were found unmapped before and still are."""
        found = hosts_with_nodes(self.before) if self.before else frozenset()
        removed = set(self.desired.remove_hosts)
        wanted = (found & hosts_with_nodes(after) - removed) | set(self.desired.expect_hosts)
        return sorted(wanted - set(after.hosts))


@contextmanager
def _asking(cell: Cell) -> Iterator[None]:
    """Errors of one cell as its own: UnreachableError would have check mode take all cells for missing."""
    try:
        yield
    except UnreachableError as error:
        cause = error.failure[:1].lower() + error.failure[1:]
        raise CollectionError(
            "look into", "cell", cell.title, cause, error.remedy, code=error.code, **error.details
        ) from error
