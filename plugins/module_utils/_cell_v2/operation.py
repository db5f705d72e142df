# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind cell_v2: read all in one pass, write what differs, prove the result."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from .._clients.oslo_config import connections
from .._clients.service_program import ServiceProgram
from .._engine.errors import CollectionError, UnreachableError, plural
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Step
from .._engine.redaction import Redactor
from .._engine.waiting import Clock, wait_until
from .._shared.cell_mappings import Cell
from .._shared.cell_urls import expand, learn_secrets
from .._shared.database_login import administrator
from .._shared.services import SERVICES
from .client import CellWriter, Inventory, NovaManage, SqlInventory
from .parameters import Desired, desired
from .plan import Discovery, describe, plan, unreadable
from .resolve import Change, cells_after, resolve
from .state import Computes, Occupancy, Settings, State
from .waiting import hosts_with_nodes, missing_hosts, unmapped_hosts

_POLL_SECONDS = 1.0


@dataclass
class CellV2(Operation[State, Plan[CellWriter]]):
    """Cells and hosts of one API database. ``settings`` are what is known of them before they are read."""

    desired: Desired
    inventory: Inventory
    writer: CellWriter
    settings: Settings
    redactor: Redactor
    clock: Clock = time
    before: State | None = None

    def read(self) -> State:
        """Mappings, and as far as they matter the computes and instances of the cells."""
        self.settings = self.inventory.read_settings()
        self.redactor.learn_urls(*self.settings.urls)
        self.before = self._read()
        return self.before

    def nothing(self) -> State:
        """No cell and no host; the configuration may be there already."""
        return State(self.settings)

    def plan(self, current: State) -> Plan[CellWriter]:
        """See ``plan.plan``."""
        return plan(self.desired, current)

    def apply(self, plan: Plan[CellWriter]) -> Mapping[str, Any]:
        """Carry out the steps, waiting for the expected hosts before the first discovery, and prove them.

        Hosts that did not come in time keep nobody else from being mapped.
        """
        missing: Mapping[str, str] | None = None
        for step in plan.steps:
            if not isinstance(step, Discovery):
                self.carry_out(step, self.writer)
                continue
            missing = self._await_hosts() if missing is None else missing
            if not missing or unmapped_hosts(self._read_again()):
                self._discover(step)
        after = self._read_again()
        if missing:
            raise self._late(missing)
        self._prove(after)
        known = self.before.hosts if self.before else {}
        return describe(after.cells, after.hosts, set(after.hosts) - set(known))

    def _discover(self, step: Step[CellWriter]) -> None:
        try:
            self.carry_out(step, self.writer)
        except CollectionError:
            # Another discovery at the same time makes this one fail, and maps the same hosts.
            if self._unproven(self._read_again()):
                raise
            self.journal.failed_command = ""

    def _read_again(self) -> State:
        """The state during a real run, in which every open cell has to answer."""
        state = self._read()
        for error in unreadable(state, cells_after(state.cells, resolve(self.desired, state))):
            raise error
        return state

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
        if self.desired.discover:
            state = self._with_computes(state, cells_after(cells, changes))
        return replace(
            state,
            cell_occupancy=self._cell_occupancy(api, changes),
            host_occupancy=self._host_occupancy(state, changes),
            refusals=self.inventory.refusals(),
        )

    def _with_computes(self, state: State, cells: Sequence[Cell]) -> State:
        """The state with the computes of these cells, or why they are not known."""
        computes: dict[str, Computes] = {}
        unread: dict[str, CollectionError] = {}
        for cell in cells:
            if cell.is_cell0 or not cell.database_connection:
                continue
            try:
                computes[cell.key] = self.inventory.computes(self._connection(cell))
            except CollectionError as error:
                # Under maintenance, or with a schema that is yet to come.
                if not (cell.disabled or isinstance(error, UnreachableError)):
                    raise
                unread[cell.key] = error
        return replace(state, computes=computes, unread=unread)

    def _cell_occupancy(self, api: str, changes: tuple[Change, ...]) -> dict[str, Occupancy]:
        found = {}
        for cell in (change.current for change in changes if change.current and not change.target):
            with _asking(cell):
                found[cell.key] = self.inventory.cell_occupancy(api, self._connection(cell), cell.id or 0)
        return found

    def _host_occupancy(self, state: State, changes: tuple[Change, ...]) -> dict[str, Occupancy]:
        targets = {change.current.uuid: change.target for change in changes if change.current}
        cells = {cell.id: targets.get(cell.uuid) or cell for cell in state.cells}
        found = {}
        for host in self.desired.remove_hosts:
            cell = cells.get(state.hosts.get(host))
            if cell:
                with _asking(cell):
                    found[host] = self.inventory.host_occupancy(self._connection(cell), host)
        return found

    def _connection(self, cell: Cell) -> str:
        return expand(cell.database_connection or "", self.settings.connection)

    def _await_hosts(self) -> Mapping[str, str]:
        """Wait until the expected hosts can be discovered; what is known of those that are late."""
        return wait_until(
            lambda missing: not missing,
            lambda: missing_hosts(self.desired.expect_hosts, self._read_again()),
            timeout=self.desired.timeout,
            interval=_POLL_SECONDS,
            clock=self.clock,
        )

    def _late(self, missing: Mapping[str, str]) -> CollectionError:
        return CollectionError(
            "discover",
            plural("host", missing),
            ", ".join(missing),
            f"not there after {self.desired.timeout:g} seconds: {'; '.join(missing.values())}",
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
                    plural("host", unmapped),
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
        discoverable = found & hosts_with_nodes(after) - removed
        return sorted((discoverable | set(self.desired.expect_hosts)) - set(after.hosts))


def build(task: Task) -> CellV2:
    """The operation that the parameters describe."""
    params = task.params
    config_file = params["config_file"]
    login = params["administrator"] and administrator(params["administrator"])
    inventory = SqlInventory(config_file, connections(params["assumed_urls"]), login)
    program = ServiceProgram(SERVICES["nova"].program, (config_file,), params["run_as"])
    return CellV2(
        desired=desired(params, task.redactor),
        inventory=inventory,
        writer=NovaManage(program, inventory.uuid_of),
        settings=Settings(config_file),
        redactor=task.redactor,
    )


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
