# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which existing cell each desired one is, and what becomes of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .._engine.errors import CollectionError
from .._shared.cell_mappings import CELL0_TRANSPORT, CELL0_UUID, Cell
from .._shared.cell_urls import cell0_connection, expand, is_template, same_database
from .._shared.services import CELL0
from .parameters import Desired, DesiredCell
from .state import Settings, State


@dataclass(frozen=True)
class Change:
    """One cell now (None: it is not there) and as it shall be (None: it shall go)."""

    current: Cell | None
    target: Cell | None

    @property
    def needed(self) -> bool:
        """Whether the two differ."""
        return self.current != self.target


def resolve(desired: Desired, state: State) -> tuple[Change, ...]:
    """Every managed cell beside its target, cell0 first."""
    changes = tuple(_resolve_cell(cell, desired, state) for cell in desired.cells)
    _refuse_twice(desired.cells, changes)
    return (_resolve_cell0(desired, state), *changes)


def _refuse_twice(cells: Sequence[DesiredCell], changes: Sequence[Change]) -> None:
    seen: dict[str, str] = {}
    for requested, current in zip(cells, (change.current for change in changes)):
        if current and current.key in seen:
            raise CollectionError(
                "manage",
                "cell",
                requested.name,
                f"it is the cell that is listed as {seen[current.key]} too (uuid {current.uuid})",
                "List each cell once",
                code="invalid_cell",
            )
        if current:
            seen[current.key] = requested.name


def cells_after(cells: Sequence[Cell], changes: Sequence[Change]) -> tuple[Cell, ...]:
    """All cells as they will be, cell0 first."""
    fate = {change.current.uuid: change.target for change in changes if change.current}
    kept = [fate.get(cell.uuid, cell) for cell in cells]
    new = [change.target for change in changes if change.current is None]
    after = [cell for cell in (*kept, *new) if cell is not None]
    return tuple(sorted(after, key=lambda cell: not cell.is_cell0))


def _resolve_cell0(desired: Desired, state: State) -> Change:
    current = next((cell for cell in state.cells if cell.is_cell0), None)
    connection = desired.cell0_connection or cell0_connection(state.settings.api_connection or "") or None
    if current is None:
        return Change(None, Cell(CELL0, CELL0_UUID, CELL0_TRANSPORT, connection))
    no_messages = (current.transport_url or "").startswith("none:")
    return Change(
        current,
        replace(
            current,
            name=current.name or CELL0,
            transport_url=current.transport_url if no_messages else CELL0_TRANSPORT,
            database_connection=_settled(current.database_connection, connection, state.settings.connection),
        ),
    )


def _resolve_cell(requested: DesiredCell, desired: Desired, state: State) -> Change:
    current = _find(requested, state)
    if not requested.present:
        return Change(current, None)
    settings = state.settings
    follows = current is None or requested.follows or _belongs_to(requested, current, desired, state)
    transport = requested.transport_url or (settings.transport_url if follows else None)
    connection = requested.database_connection or (settings.connection if follows else None)
    if current is None:
        return Change(None, Cell(requested.name, None, transport, connection, bool(requested.disabled)))
    return Change(
        current,
        replace(
            current,
            name=requested.name,
            transport_url=_settled(current.transport_url, transport, settings.transport_url),
            database_connection=_settled(current.database_connection, connection, settings.connection),
            disabled=current.disabled if requested.disabled is None else requested.disabled,
        ),
    )


def _find(requested: DesiredCell, state: State) -> Cell | None:
    if requested.uuid:
        found = next((cell for cell in state.cells if cell.uuid == requested.uuid), None)
        if found is None and requested.present:
            raise CollectionError(
                "manage",
                "cell",
                requested.name,
                f"no cell has the uuid {requested.uuid}",
                "Leave the uuid out to have a cell made, or correct it",
                code="not_found",
            )
        return found
    others = [cell for cell in state.cells if not cell.is_cell0]
    named = [cell for cell in others if cell.name == requested.name]
    if len(named) > 1:
        raise CollectionError(
            "manage",
            "cell",
            requested.name,
            f"{len(named)} cells have this name: {', '.join(_population(cell, state) for cell in named)}",
            "Say which one you mean with its uuid, and rename or remove the other",
            code="ambiguous",
            uuids=[cell.uuid for cell in named],
        )
    if named or not requested.present:
        return named[0] if named else None
    # What nova-manage makes without --name has none; it is adopted rather than doubled.
    connection = requested.database_connection or state.settings.connection or ""
    nameless = [cell for cell in others if not cell.name and _same_place(cell, connection, state.settings)]
    return nameless[0] if len(nameless) == 1 else None


def _population(cell: Cell, state: State) -> str:
    hosts = sum(1 for identity in state.hosts.values() if identity == cell.id)
    return f"{cell.uuid} ({hosts} host{'' if hosts == 1 else 's'})"


def _belongs_to(requested: DesiredCell, current: Cell, desired: Desired, state: State) -> bool:
    """Whether the configuration speaks of this cell: the only one, or the one whose database it names."""
    others = any(cell.uuid != current.uuid for cell in state.cells if not cell.is_cell0)
    if not others and not any(cell.present for cell in desired.cells if cell is not requested):
        return True
    if requested.database_connection:
        return same_database(requested.database_connection, state.settings.connection or "")
    return _same_place(current, state.settings.connection or "", state.settings)


def _same_place(cell: Cell, connection: str, settings: Settings) -> bool:
    return same_database(expand(cell.database_connection or "", settings.connection), connection)


def _settled(stored: str | None, requested: str | None, default: str | None) -> str | None:
    """The stored URL where it will do; a template will where it comes to the same."""
    if requested is None or stored is None:
        return requested or stored
    if not is_template(requested) and expand(stored, default) == expand(requested, default):
        return stored
    return requested
