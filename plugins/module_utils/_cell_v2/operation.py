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
from .._engine.plan import Plan, Stage, Step
from .._engine.redaction import Redactor
from .._engine.waiting import Clock, wait_until
from .._shared.cell_mappings import Cell
from .._shared.cell_urls import expand, learn_secrets
from .._shared.database_login import administrator
from .._shared.services import SERVICES
from .client import CellClient, NovaCells
from .parameters import Desired, desired, given_urls
from .plan import DISCOVERY, describe, plan, unreadable
from .resolve import Change, cells_after, resolve
from .state import Computes, Occupancy, Settings, State
from .waiting import hosts_with_nodes, missing_hosts, unmapped_hosts

_POLL_SECONDS = 1.0


@dataclass
class CellV2(Operation[Desired, State, CellClient]):
    """Cells and hosts of one API database, as the configuration in ``config_file`` names it."""

    redactor: Redactor
    config_file: str
    clock: Clock = time

    decide = staticmethod(plan)

    def read(self) -> State:
        """Mappings, and as far as they matter the computes and instances of the cells."""
        return self._read(self._settings())

    def nothing(self) -> State:
        """No cell and no host; the configuration may be there already."""
        try:
            return State(self._settings())
        except UnreachableError:
            return State(Settings(self.config_file))

    def apply(self, current: State, plan: Plan[CellClient]) -> Mapping[str, Any]:
        """Carry out the steps, and prove them."""
        super().apply(current, plan)
        after = self._read_again(current.settings)
        self._prove(current, after)
        return describe(after.cells, after.hosts, set(after.hosts) - set(current.hosts))

    def await_before(self, current: State, things: tuple[Any, ...]) -> None:
        """Wait until the expected hosts can be discovered."""
        missing = wait_until(
            lambda missing: not missing,
            lambda: missing_hosts(things, self._read_again(current.settings)),
            timeout=self.desired.timeout,
            interval=_POLL_SECONDS,
            clock=self.clock,
        )
        if missing:
            raise self._late(missing)

    def take(self, current: State, stage: Stage[CellClient], client: CellClient) -> Mapping[str, Any]:
        """Of the discoveries, one after the other for as long as there is a host to map."""
        if stage.subject != DISCOVERY:
            return super().take(current, stage, client)
        for step in stage.steps:
            if unmapped_hosts(self._read_again(current.settings)):
                self._discover(current, step, client)
        return {}

    def _discover(self, current: State, step: Step[CellClient], client: CellClient) -> None:
        try:
            self.carry_out(step, client)
        except CollectionError:
            # Another discovery at the same time makes this one fail, and maps the same hosts.
            if self._unproven(current, self._read_again(current.settings)):
                raise
            self.journal.failed_command = ""

    def _settings(self) -> Settings:
        settings = self.client.read_settings()
        self.redactor.learn_urls(*settings.urls)
        return settings

    def _read_again(self, settings: Settings) -> State:
        """The state during a real run, in which every open cell has to answer."""
        state = self._read(settings)
        for error in unreadable(state, cells_after(state.cells, resolve(self.desired, state))):
            raise error
        return state

    def _read(self, settings: Settings) -> State:
        api = settings.api_connection
        if not api:
            raise UnreachableError(
                "find",
                "API database",
                "",
                f"{settings.config_file} has no [api_database] connection",
                "Configure Nova first",
            )
        cells, hosts = self.client.cells_and_hosts(api)
        for cell in cells:
            learn_secrets(self.redactor, cell.transport_url, cell.database_connection)
        state = State(settings, cells, hosts)
        changes = resolve(self.desired, state)
        if self.desired.discover:
            state = self._with_computes(state, cells_after(cells, changes))
        return replace(
            state,
            cell_occupancy=self._cell_occupancy(api, state, changes),
            host_occupancy=self._host_occupancy(state, changes),
            refusals=self.client.refusals(),
        )

    def _with_computes(self, state: State, cells: Sequence[Cell]) -> State:
        """The state with the computes of these cells, or why they are not known."""
        computes: dict[str, Computes] = {}
        unread: dict[str, CollectionError] = {}
        for cell in cells:
            if cell.is_cell0 or not cell.database_connection:
                continue
            try:
                computes[cell.key] = self.client.computes(self._connection(cell, state.settings))
            except CollectionError as error:
                # Under maintenance, or with a schema that is yet to come.
                if not (cell.disabled or isinstance(error, UnreachableError)):
                    raise
                unread[cell.key] = error
        return replace(state, computes=computes, unread=unread)

    def _cell_occupancy(self, api: str, state: State, changes: tuple[Change, ...]) -> dict[str, Occupancy]:
        found = {}
        for cell in (change.current for change in changes if change.current and not change.target):
            with _asking(cell):
                found[cell.key] = self.client.cell_occupancy(
                    api, self._connection(cell, state.settings), cell.id or 0
                )
        return found

    def _host_occupancy(self, state: State, changes: tuple[Change, ...]) -> dict[str, Occupancy]:
        targets = {change.current.uuid: change.target for change in changes if change.current}
        cells = {cell.id: targets.get(cell.uuid) or cell for cell in state.cells}
        found = {}
        for host in self.desired.remove_hosts:
            cell = cells.get(state.hosts.get(host))
            if cell:
                with _asking(cell):
                    found[host] = self.client.host_occupancy(self._connection(cell, state.settings), host)
        return found

    def _connection(self, cell: Cell, settings: Settings) -> str:
        return expand(cell.database_connection or "", settings.connection)

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

    def _prove(self, before: State, after: State) -> None:
        if self.desired.discover:
            unmapped = self._unproven(before, after)
            if unmapped:
                raise CollectionError(
                    "discover",
                    plural("host", unmapped),
                    ", ".join(unmapped),
                    "nova-manage reported success, but the host is still unmapped",
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

    def _unproven(self, before: State, after: State) -> list[str]:
        """The expected hosts that are not mapped, and those that were found unmapped before and still are."""
        found = hosts_with_nodes(before)
        removed = set(self.desired.remove_hosts)
        discoverable = found & hosts_with_nodes(after) - removed
        return sorted((discoverable | set(self.desired.expect_hosts)) - set(after.hosts))


def build(task: Task) -> CellV2:
    """The operation that the parameters describe."""
    params = task.params
    config_file = params["config_file"]
    login = params["administrator"] and administrator(params["administrator"])
    program = ServiceProgram(SERVICES["nova"].program, (config_file,), params["run_as"])
    learn_secrets(task.redactor, *given_urls(params))
    return CellV2(
        desired(params),
        NovaCells(config_file, program, connections(params["assumed_urls"]), login),
        redactor=task.redactor,
        config_file=config_file,
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
