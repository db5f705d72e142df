# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: which cells to write, whether to discover, what may be removed. Touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from .settings import Settings
from .state import CELL0, CELL0_TRANSPORT, CELL0_UUID, Cell, Desired, DesiredCell, Load, State
from .urls import as_template, carries_secret, cell0_connection, expand, is_template, masked, same_database

_NAMES = {"transport_url": "transport URL", "database_connection": "database connection"}
_SOURCES = {"transport_url": "[DEFAULT] transport_url", "database_connection": "[database] connection"}
_CELL0_SOURCE = "[api_database] connection"
_OPTIONS = {"transport_url": "--transport-url", "database_connection": "--database_connection"}


@dataclass(frozen=True)
class Change:
    """One cell now (None: it is not there) and as it shall be (None: it shall go)."""

    current: Cell | None
    target: Cell | None

    @property
    def needed(self) -> bool:
        """Whether the two differ."""
        return self.current != self.target


def plan_cells(desired: Desired, state: State, *, predicts: bool = False) -> Plan:
    """The steps that lead from ``state`` to ``desired``.

    With ``predicts`` (check mode) URLs may be unknown, as the configuration may not be written yet.
    """
    changes = resolve(desired, state)
    if not predicts:
        _require_urls(changes, state.settings)
    after = _cells_after(state.cells, changes)
    _refuse_shared_urls(changes, after, state.settings)

    steps = [_write(change, after, state.settings) for change in changes if change.needed and change.target]
    discovery = _discovery(desired, state, changes)
    steps += discovery.steps
    hosts = (frozenset(state.hosts) | discovery.hosts) - frozenset(desired.remove_hosts)
    steps += [
        _remove_host(host, state) for host in desired.remove_hosts if _is_mapped(host, state, discovery)
    ]
    steps += [
        _remove_cell(change.current, hosts, state)
        for change in changes
        if change.current and not change.target
    ]

    return Plan(
        steps=tuple(steps),
        before=_shown([change.current for change in changes], state.hosts, desired),
        after=_mark_passwords(_shown([change.target for change in changes], hosts, desired), changes),
        result=describe(after, hosts, sorted(discovery.hosts & hosts), state),
        warnings=tuple(
            f"The computes of cell {cell} are not known. {why}" for cell, why in state.unread.items()
        ),
    )


def describe(
    cells: Sequence[Cell], hosts: Iterable[str], hosts_mapped: Sequence[str], state: State
) -> dict[str, Any]:
    """The module's result, without secrets."""
    return {
        "cells": [
            {
                "name": cell.name,
                "uuid": cell.uuid,
                "transport_url": masked(cell.transport_url),
                "database_connection": masked(cell.database_connection),
                "disabled": cell.disabled,
            }
            for cell in cells
        ],
        "hosts": sorted(hosts),
        "hosts_mapped": list(hosts_mapped),
    }


def resolve(desired: Desired, state: State) -> tuple[Change, ...]:
    """Every managed cell beside its target, cell0 first."""
    return (
        _resolve_cell0(desired, state),
        *(_resolve_cell(wanted, desired, state) for wanted in desired.cells),
    )


def unmapped_hosts(state: State) -> frozenset[str]:
    """The hosts with a compute node in some cell and no mapping."""
    return frozenset(host for computes in state.computes.values() for host in computes.nodes) - frozenset(
        state.hosts
    )


def _resolve_cell0(desired: Desired, state: State) -> Change:
    current = next((cell for cell in state.cells if cell.is_cell0), None)
    wanted = desired.cell0_connection or cell0_connection(state.settings.api_connection or "") or None
    if current is None:
        return Change(None, Cell(CELL0, CELL0_UUID, CELL0_TRANSPORT, wanted))
    no_messages = (current.transport_url or "").startswith("none:")
    return Change(
        current,
        replace(
            current,
            name=current.name or CELL0,
            transport_url=current.transport_url if no_messages else CELL0_TRANSPORT,
            database_connection=_settled(current.database_connection, wanted, state.settings.connection),
        ),
    )


def _resolve_cell(wanted: DesiredCell, desired: Desired, state: State) -> Change:
    current = _find(wanted, state)
    if not wanted.present:
        return Change(current, None)
    settings = state.settings
    follows = current is None or wanted.follows or _belongs_to(wanted, current, desired, state)
    transport = wanted.transport_url or (settings.transport_url if follows else None)
    connection = wanted.database_connection or (settings.connection if follows else None)
    if current is None:
        return Change(None, Cell(wanted.name, None, transport, connection, bool(wanted.disabled)))
    return Change(
        current,
        replace(
            current,
            name=wanted.name,
            transport_url=_settled(current.transport_url, transport, settings.transport_url),
            database_connection=_settled(current.database_connection, connection, settings.connection),
            disabled=current.disabled if wanted.disabled is None else wanted.disabled,
        ),
    )


def _find(wanted: DesiredCell, state: State) -> Cell | None:
    if wanted.uuid:
        found = next((cell for cell in state.cells if cell.uuid == wanted.uuid), None)
        if found is None and wanted.present:
            raise CollectionError(
                "manage",
                "cell",
                wanted.name,
                f"no cell has the uuid {wanted.uuid}",
                "Leave the uuid out to have a cell made, or correct it",
                code="not_found",
            )
        return found
    others = [cell for cell in state.cells if not cell.is_cell0]
    named = [cell for cell in others if cell.name == wanted.name]
    if len(named) > 1:
        raise CollectionError(
            "manage",
            "cell",
            wanted.name,
            f"{len(named)} cells have this name: {', '.join(_population(cell, state) for cell in named)}",
            "Say which one you mean with its uuid, and rename or remove the other",
            code="ambiguous",
            uuids=[cell.uuid for cell in named],
        )
    if named or not wanted.present:
        return named[0] if named else None
    # What nova-manage makes without --name has none; it is adopted rather than doubled.
    connection = wanted.database_connection or state.settings.connection or ""
    nameless = [cell for cell in others if not cell.name and _same_place(cell, connection, state.settings)]
    return nameless[0] if len(nameless) == 1 else None


def _population(cell: Cell, state: State) -> str:
    hosts = sum(1 for identity in state.hosts.values() if identity == cell.id)
    return f"{cell.uuid} ({hosts} host{'' if hosts == 1 else 's'})"


def _belongs_to(wanted: DesiredCell, current: Cell, desired: Desired, state: State) -> bool:
    """Whether the configuration speaks of this cell: the only one, or the one whose database it names."""
    names = {cell.title for cell in state.cells if not cell.is_cell0}
    names |= {cell.name for cell in desired.cells if cell.present}
    names.discard(current.title)
    names.discard(wanted.name)
    if not names:
        return True
    if wanted.database_connection:
        return same_database(wanted.database_connection, state.settings.connection or "")
    return _same_place(current, state.settings.connection or "", state.settings)


def _same_place(cell: Cell, connection: str, settings: Settings) -> bool:
    return same_database(expand(cell.database_connection or "", settings.connection), connection)


def _settled(stored: str | None, wanted: str | None, default: str | None) -> str | None:
    """The stored URL where it will do; a template will where it comes to what is wanted."""
    if wanted is None or stored is None:
        return wanted or stored
    if not is_template(wanted) and expand(stored, default) == expand(wanted, default):
        return stored
    return wanted


def _cells_after(cells: Sequence[Cell], changes: Sequence[Change]) -> tuple[Cell, ...]:
    fate = {change.current.uuid: change.target for change in changes if change.current}
    kept = [fate.get(cell.uuid, cell) for cell in cells]
    new = [change.target for change in changes if change.current is None]
    after = [cell for cell in (*kept, *new) if cell is not None]
    return tuple(sorted(after, key=lambda cell: not cell.is_cell0))


def _require_urls(changes: Sequence[Change], settings: Settings) -> None:
    for target in (change.target for change in changes if change.target):
        for field, option in _SOURCES.items():
            if getattr(target, field):
                continue
            source = _CELL0_SOURCE if target.is_cell0 else option
            raise CollectionError(
                "write",
                "cell",
                target.name,
                f"its {_NAMES[field]} is not given, and {settings.config_file} has no {source}",
                f"Set {source} there, or give {field} in the task",
                code="missing_url",
            )


def _refuse_shared_urls(changes: Sequence[Change], after: Sequence[Cell], settings: Settings) -> None:
    """Nova refuses two cells with one database or one message queue: say so before anything is written."""
    for target in (change.target for change in changes if change.target and change.needed):
        for field, default in _defaults(settings).items():
            url = getattr(target, field)
            for other in after:
                theirs = getattr(other, field)
                if other is target or not url or not theirs or theirs.startswith("none:"):
                    continue
                if expand(theirs, default) == expand(url, default):
                    raise CollectionError(
                        "write",
                        "cell",
                        target.name,
                        f"its {_NAMES[field]} is that of cell {other.title} (uuid {other.uuid})",
                        f"Give each cell its own {field}; if the two are one, name it {other.title} here",
                        code="shared_url",
                    )


def _defaults(settings: Settings) -> dict[str, str | None]:
    return {"transport_url": settings.transport_url, "database_connection": settings.connection}


def _write(change: Change, after: Sequence[Cell], settings: Settings) -> Step:
    target = change.target
    assert target is not None
    urls = {
        field: _deliverable(target, field, default, [cell for cell in after if cell is not target])
        for field, default in _defaults(settings).items()
    }
    if change.current is None and target.is_cell0:
        connection = urls["database_connection"]
        return Step(
            _command("map_cell0", "--database_connection", _visible(connection, settings)),
            "map_cell0",
            {"database_connection": connection},
        )
    options = [word for field, url in urls.items() for word in (_OPTIONS[field], _visible(url, settings))]
    if change.current is None:
        disabled = ["--disabled"] if target.disabled else []
        return Step(
            _command("create_cell", "--name", target.name, *options, *disabled),
            "create_cell",
            {"name": target.name, "disabled": target.disabled, **urls},
        )
    switch = None if target.disabled == change.current.disabled else target.disabled
    switches = [] if switch is None else ["--disable" if switch else "--enable"]
    return Step(
        _command("update_cell", "--cell_uuid", str(target.uuid), "--name", target.name, *options, *switches),
        "update_cell",
        {"uuid": target.uuid, "name": target.name, "disabled": switch, **urls},
    )


def _deliverable(target: Cell, field: str, default: str | None, others: Sequence[Cell]) -> str | None:
    """The URL in a form in which nova-manage takes it.

    A URL with a secret goes to nova-manage as the configuration's. The templates of other cells are filled
    in from just that, and where one then comes to the same URL, nova-manage sees a cell that has it already.
    There the URL is written as a template itself.
    """
    url: str | None = getattr(target, field)
    if not url or not carries_secret(url):
        return url
    rival = next(
        (
            cell
            for cell in others
            if is_template(getattr(cell, field) or "") and expand(getattr(cell, field), url) == url
        ),
        None,
    )
    if rival is None:
        return url
    template = as_template(url, default)
    if template is None:
        raise CollectionError(
            "write",
            "cell",
            target.name,
            f"nova-manage would take its {_NAMES[field]} for that of cell {rival.title}, which is a template",
            f"Write the {_NAMES[field]} of {rival.title} out in full, or give {target.name} a template too",
            code="template_in_the_way",
        )
    return template


@dataclass(frozen=True)
class _Discovery:
    steps: tuple[Step, ...] = ()
    hosts: frozenset[str] = frozenset()


def _discovery(desired: Desired, state: State, changes: Sequence[Change]) -> _Discovery:
    if not desired.discover:
        return _Discovery()
    leaving = {change.current.title for change in changes if change.current and not change.target}
    found = {
        host: marked
        for title, computes in state.computes.items()
        if title not in leaving
        for host, marked in computes.nodes.items()
        if host not in state.hosts
    }
    wanted = frozenset(desired.expect_hosts) - frozenset(state.hosts)
    if not (frozenset(found) - frozenset(desired.remove_hosts)) | wanted:
        return _Discovery()
    # A node that is marked as mapped is passed over, mapping or not, unless its service is looked for.
    by_service = any(found.values())
    avoided = leaving | set(state.unread)
    scope: list[str | None] = [None]
    if avoided:
        scope = [
            cell.uuid for cell in state.cells if not cell.is_cell0 and cell.uuid and cell.title not in avoided
        ]
    return _Discovery(tuple(_discover(uuid, by_service) for uuid in scope), frozenset(found) | wanted)


def _discover(uuid: str | None, by_service: bool) -> Step:
    words = ["--cell_uuid", uuid] if uuid else []
    words += ["--by-service"] if by_service else []
    return Step(
        _command("discover_hosts", *words), "discover_hosts", {"uuid": uuid, "by_service": by_service}
    )


def _is_mapped(host: str, state: State, discovery: _Discovery) -> bool:
    return host in state.hosts or host in discovery.hosts


def _remove_host(host: str, state: State) -> Step:
    cell = state.cell_of(host) or _cell_with_node(host, state)
    load = state.host_load.get(host, Load())
    if load.instances:
        raise CollectionError(
            "remove",
            "host",
            host,
            f"{_instances(load)} on it",
            "Migrate or delete them first",
            code="in_use",
            instances=load.instances,
        )
    uuid = str(cell.uuid) if cell else ""
    return Step(
        _command("delete_host", "--cell_uuid", uuid, "--host", host),
        "delete_host",
        {"uuid": uuid, "host": host},
    )


def _cell_with_node(host: str, state: State) -> Cell | None:
    titles = [title for title, computes in state.computes.items() if host in computes.nodes]
    return next((cell for cell in state.cells if cell.title in titles), None)


def _remove_cell(cell: Cell, hosts: frozenset[str], state: State) -> Step:
    mapped = sorted(host for host, identity in state.hosts.items() if identity == cell.id and host in hosts)
    load = state.cell_load.get(str(cell.uuid), Load())
    problem = None
    if load.instances:
        problem = (f"{_instances(load)} in it", "Delete them, or migrate them to another cell, first")
    elif mapped:
        problem = (f"hosts are mapped to it: {', '.join(mapped)}", "Remove them first (remove_hosts)")
    elif load.mappings:
        count = (
            "the mapping of 1 deleted instance is"
            if load.mappings == 1
            else f"the mappings of {load.mappings} deleted instances are"
        )
        problem = (f"{count} left in it", "Run nova-manage db archive_deleted_rows --all-cells first")
    if problem:
        raise CollectionError(
            "remove", "cell", cell.title, *problem, code="in_use", hosts=mapped, instances=load.instances
        )
    return Step(_command("delete_cell", "--cell_uuid", str(cell.uuid)), "delete_cell", {"uuid": cell.uuid})


def _instances(load: Load) -> str:
    examples = ", ".join(load.examples)
    more = ", …" if load.instances > len(load.examples) else ""
    return f"{load.instances} instance{' lives' if load.instances == 1 else 's live'} ({examples}{more})"


def _command(*words: str) -> str:
    return shlex.join(["nova-manage", "cell_v2", *words])


def _visible(url: str | None, settings: Settings) -> str:
    return masked(url) or f"(as {settings.config_file} will have it)"


def _shown(cells: Iterable[Cell | None], hosts: Iterable[str], desired: Desired) -> dict[str, Any]:
    """One side of the diff: the managed cells, and the hosts where they are managed."""
    shown: dict[str, Any] = {
        cell.title: {
            "uuid": cell.uuid,
            "transport_url": masked(cell.transport_url),
            "database_connection": masked(cell.database_connection),
            "disabled": cell.disabled,
        }
        for cell in cells
        if cell
    }
    sides: dict[str, Any] = {"cells": shown} if shown else {}
    if (desired.discover or desired.remove_hosts) and hosts:
        sides["hosts"] = sorted(hosts)
    return sides


def _mark_passwords(after: dict[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Say which URLs differ in their secrets only: masked, both sides of the diff would look the same."""
    for change in changes:
        if not change.current or not change.target:
            continue
        for field in _NAMES:
            old, new = getattr(change.current, field), getattr(change.target, field)
            if old != new and masked(old) == masked(new):
                after["cells"][change.target.title][field] += " (new password)"
    return after
