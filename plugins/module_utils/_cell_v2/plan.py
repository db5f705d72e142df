# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: which cells to write, whether to discover hosts, what may be removed. Touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .._engine.errors import CollectionError, plural
from .._engine.plan import Plan, Stage, Step, in_order
from .._shared.cell_mappings import Cell
from .._shared.cell_urls import as_template, carries_secret, expand, is_template, masked, template_gap
from .._shared.services import CELL0
from .client import CellClient
from .parameters import Desired
from .resolve import Change, cells_after, resolve
from .state import Occupancy, Settings, State

_NAMES = {"transport_url": "transport URL", "database_connection": "database connection"}
_SOURCES = {"transport_url": "[DEFAULT] transport_url", "database_connection": "[database] connection"}
# What the stage is about that looks for hosts.
DISCOVERY = "discovery"
_CELL0_SOURCE = "[api_database] connection"


def plan(desired: Desired, current: State) -> Plan[CellClient]:
    """The steps that lead from ``current`` to ``desired``.

    URLs that the configuration does not have yet, and computes of a cell that cannot be read yet, are unmet:
    check mode cannot know whether a task before this one provides them.
    """
    _refuse_other_cells(desired, current)
    changes = resolve(desired, current)
    if desired.assume_cells:
        current = replace(current, cells=cells_after(current.cells, changes))
        changes = tuple(Change(change.target, change.target) for change in changes if change.target)
    known_gaps, unknown_gaps = _gaps(desired, current.settings)
    if known_gaps:
        raise known_gaps[0]
    after = cells_after(current.cells, changes)
    _refuse_shared_names(changes, after)

    leaving = [change.current for change in changes if change.current and not change.target]
    staying = [cell for cell in current.cells if cell not in leaving]
    discovery = _discovery(desired, current, after)
    mapped = frozenset(current.hosts) | discovery.hosts
    hosts = mapped - frozenset(desired.remove_hosts)
    going = [host for host in desired.remove_hosts if current.cell_of(host) in leaving]
    # What goes, goes first: a new cell may take the URLs of the one that it replaces.
    steps = [_remove_host(host, current, after) for host in going]
    steps += [_remove_cell(cell, hosts, current) for cell in leaving]
    steps += _writes(staying, changes, after, current.settings)
    removals = [
        _remove_host(host, current, after)
        for host in desired.remove_hosts
        if host in mapped and host not in going
    ]

    return Plan(
        stages=(*in_order(steps), *_discoveries(desired, discovery), *in_order(removals)),
        before=_diff_side([change.current for change in changes], current.hosts, desired),
        after=_mark_passwords(_diff_side([change.target for change in changes], hosts, desired), changes),
        result=describe(after, hosts, discovery.hosts & hosts),
        warnings=(
            *(f"{error} The administrator was asked instead." for error in current.refusals),
            *(
                f"The computes of cell {current.title_of(key)} are not known. {error}"
                for key, error in current.unread.items()
            ),
        ),
        unmet=(
            *current.refusals,
            *unreadable(current, after),
            *_missing_urls(changes, current.settings),
            *unknown_gaps,
        ),
    )


def _refuse_other_cells(desired: Desired, state: State) -> None:
    """Nova would take a host that turns up in a second cell for two, and lose the instances of the first."""
    for host, name in desired.host_cells.items():
        cell = state.cell_of(host)
        if cell and cell.name != name:
            raise CollectionError(
                "use",
                "host",
                host,
                f"it is mapped to cell {cell.title}, and should be in {name}",
                "Correct its cell, or remove the host from the cloud before it is added to another one",
                code="other_cell",
                cell=cell.name,
            )


def unreadable(state: State, cells: Sequence[Cell]) -> tuple[CollectionError, ...]:
    """Why computes of these cells are not known, though the cells are open: a disabled one may be away."""
    return tuple(state.unread[cell.key] for cell in cells if cell.key in state.unread and not cell.disabled)


def describe(cells: Sequence[Cell], hosts: Iterable[str], hosts_mapped: Iterable[str]) -> dict[str, Any]:
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
        "hosts_mapped": sorted(hosts_mapped),
    }


def _missing_urls(changes: Sequence[Change], settings: Settings) -> Iterator[CollectionError]:
    for target in (change.target for change in changes if change.target):
        for field, option in _SOURCES.items():
            if getattr(target, field):
                continue
            source = _CELL0_SOURCE if target.is_cell0 else option
            yield CollectionError(
                "write",
                "cell",
                target.name,
                f"its {_NAMES[field]} is not given, and {settings.config_file} has no {source}",
                f"Set {source} there, or give {field} in the task",
                code="missing_url",
            )


def _gaps(desired: Desired, settings: Settings) -> tuple[list[CollectionError], list[CollectionError]]:
    """The templates that Nova cannot fill in: for good, and for lack of a configuration."""
    urls = [(CELL0, "database_connection", desired.cell0_connection)]
    urls += [
        (cell.name, field, getattr(cell, field)) for cell in desired.cells if cell.present for field in _NAMES
    ]
    known: list[CollectionError] = []
    unknown: list[CollectionError] = []
    for name, field, url in urls:
        default = _defaults(settings)[field]
        source = f"{_SOURCES[field]} in {settings.config_file}"
        gap = template_gap(url, default, name, _NAMES[field], source) if url else None
        if gap:
            (known if default else unknown).append(gap)
    return known, unknown


def _refuse_shared_names(changes: Sequence[Change], after: Sequence[Cell]) -> None:
    for change in changes:
        if not change.target or (change.current and change.current.name == change.target.name):
            continue
        for other in after:
            if other is not change.target and other.name == change.target.name:
                raise CollectionError(
                    "name",
                    "cell",
                    str(change.target.uuid),
                    f"there is another cell called {other.name} (uuid {other.uuid})",
                    "Choose another name, or rename that cell in the same task",
                    code="ambiguous",
                )


def _refuse_shared_urls(
    target: Cell, others: Sequence[Cell], after: Sequence[Cell], settings: Settings
) -> None:
    """Nova refuses two cells with one database or one message queue: say so before anything is written."""
    for field, default in _defaults(settings).items():
        url = getattr(target, field)
        for other in others:
            theirs = getattr(other, field)
            if not url or not theirs or theirs.startswith("none:"):
                continue
            if expand(theirs, default) == expand(url, default):
                remedy = f"Give each cell its own {field}; if the two are one, name it {other.title} here"
                if other not in after:
                    remedy = f"List cell {other.title}, which gives it up, before {target.title}"
                raise CollectionError(
                    "write",
                    "cell",
                    target.title,
                    f"its {_NAMES[field]} is that of cell {_called(other)}",
                    remedy,
                    code="shared_url",
                )


def _called(cell: Cell) -> str:
    return f"{cell.title} (uuid {cell.uuid})" if cell.uuid else cell.title


def _defaults(settings: Settings) -> dict[str, str | None]:
    return {"transport_url": settings.transport_url, "database_connection": settings.connection}


def _writes(
    cells: Sequence[Cell], changes: Sequence[Change], after: Sequence[Cell], settings: Settings
) -> list[Step[CellClient]]:
    """The cells to write, one after the other: each is compared with those that are there by then."""
    steps: list[Step[CellClient]] = []
    for change in changes:
        if change.needed and change.target:
            others = [cell for cell in cells if cell != change.current]
            _refuse_shared_urls(change.target, others, after, settings)
            steps.append(_write(change.current, change.target, others, settings))
            cells = [*others, change.target]
    return steps


def _write(
    current: Cell | None, target: Cell, others: Sequence[Cell], settings: Settings
) -> Step[CellClient]:
    # A URL that is not known yet stands as "" in a step that check mode does not take.
    queue, connection = (
        _deliverable(target, field, default, others) or "" for field, default in _defaults(settings).items()
    )
    if current is None and target.is_cell0:
        return Step[CellClient](
            _command("map_cell0", "--database_connection", _visible(connection, settings)),
            lambda writer: writer.map_cell0(connection),
        )
    urls = [
        *("--transport-url", _visible(queue, settings)),
        *("--database_connection", _visible(connection, settings)),
    ]
    if current is None:
        switches = ["--disabled"] if target.disabled else []
        return Step[CellClient](
            _command("create_cell", "--name", target.name, *urls, *switches),
            lambda writer: writer.create_cell(target.name, target.disabled, queue, connection),
        )
    uuid = str(target.uuid)
    disabled = None if target.disabled == current.disabled else target.disabled
    switches = [] if disabled is None else ["--disable" if disabled else "--enable"]
    return Step[CellClient](
        _command("update_cell", "--cell_uuid", uuid, "--name", target.name, *urls, *switches),
        lambda writer: writer.update_cell(uuid, target.name, disabled, queue, connection),
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
class _Search:
    steps: tuple[Step[CellClient], ...] = ()
    hosts: frozenset[str] = frozenset()


def _discovery(desired: Desired, state: State, after: Sequence[Cell]) -> _Search:
    if not desired.discover:
        return _Search()
    found = [
        (host, marked)
        for computes in state.computes.values()
        for host, marked in computes.nodes.items()
        if host not in state.hosts
    ]
    hosts = frozenset(host for host, _marked in found)
    expected = frozenset(desired.expect_hosts) - frozenset(state.hosts)
    if not (hosts - frozenset(desired.remove_hosts)) | expected:
        return _Search()
    # A node that is marked as mapped is passed over, mapping or not, unless its service is looked for.
    by_service = any(marked for _host, marked in found)
    scope = _scope(after, state)
    if not scope:
        raise _nowhere(sorted(expected), state)
    return _Search(tuple(_discover(cell, by_service) for cell in scope), hosts | expected)


def _discoveries(desired: Desired, search: _Search) -> tuple[Stage[CellClient], ...]:
    """Hosts that are expected and do not come in time keep nobody else from being mapped."""
    if not search.steps:
        return ()
    return (
        Stage(await_before=desired.expect_hosts, tolerant=True),
        Stage(search.steps, subject=DISCOVERY),
    )


def _scope(after: Sequence[Cell], state: State) -> Sequence[Cell | None]:
    """The cells to search, None for all of them: not those that are closed and away."""
    away = [cell for cell in after if cell.disabled and cell.key in state.unread]
    return [cell for cell in after if not cell.is_cell0 and cell not in away] if away else [None]


def _nowhere(hosts: Sequence[str], state: State) -> CollectionError:
    causes = (f"cell {state.title_of(key)} is disabled, and {error}" for key, error in state.unread.items())
    return CollectionError(
        "discover",
        plural("host", hosts),
        ", ".join(hosts),
        "; ".join(("there is no cell left to look in", *causes)),
        "Restore its database, or retry later",
        code="nowhere",
        missing=list(hosts),
    )


def _discover(cell: Cell | None, by_service: bool) -> Step[CellClient]:
    words = ["--cell_uuid", _uuid(cell)] if cell else []
    words += ["--by-service"] if by_service else []
    return Step[CellClient](
        _command("discover_hosts", *words), lambda writer: writer.discover_hosts(cell, by_service)
    )


def _uuid(cell: Cell) -> str:
    return cell.uuid or f"(that of {cell.name})"


def _remove_host(host: str, state: State, after: Sequence[Cell]) -> Step[CellClient]:
    cell = state.cell_of(host) or _cell_with_node(host, state, after)
    occupancy = state.host_occupancy.get(host, Occupancy())
    if occupancy.instances:
        raise CollectionError(
            "remove",
            "host",
            host,
            _instances(occupancy, "on"),
            "Migrate or delete them first",
            code="in_use",
            instances=occupancy.instances,
        )
    return Step[CellClient](
        _command("delete_host", "--cell_uuid", _uuid(cell), "--host", host),
        lambda writer: writer.delete_host(cell, host),
    )


def _cell_with_node(host: str, state: State, after: Sequence[Cell]) -> Cell:
    keys = [key for key, computes in state.computes.items() if host in computes.nodes]
    return next(cell for cell in after if cell.key in keys)


def _remove_cell(cell: Cell, hosts: frozenset[str], state: State) -> Step[CellClient]:
    mapped = sorted(host for host, identity in state.hosts.items() if identity == cell.id and host in hosts)
    occupancy = state.cell_occupancy.get(cell.key, Occupancy())
    problem = None
    if occupancy.instances:
        problem = (_instances(occupancy, "in"), "Delete them, or migrate them to another cell, first")
    elif mapped:
        problem = (f"hosts are mapped to it: {', '.join(mapped)}", "Remove them first (remove_hosts)")
    elif occupancy.mappings:
        count = (
            "the mapping of 1 deleted instance is"
            if occupancy.mappings == 1
            else f"the mappings of {occupancy.mappings} deleted instances are"
        )
        problem = (f"{count} left in it", "Run nova-manage db archive_deleted_rows --all-cells first")
    if problem:
        raise CollectionError(
            "remove", "cell", cell.title, *problem, code="in_use", hosts=mapped, instances=occupancy.instances
        )
    uuid = str(cell.uuid)
    return Step[CellClient](
        _command("delete_cell", "--cell_uuid", uuid), lambda writer: writer.delete_cell(uuid)
    )


def _instances(occupancy: Occupancy, where: str) -> str:
    verb = "instance lives" if occupancy.instances == 1 else "instances live"
    more = ", …" if occupancy.instances > len(occupancy.examples) else ""
    return f"{occupancy.instances} {verb} {where} it ({', '.join(occupancy.examples)}{more})"


def _command(*words: str) -> str:
    return shlex.join(["nova-manage", "cell_v2", *words])


def _visible(url: str | None, settings: Settings) -> str:
    return masked(url) or f"(as {settings.config_file} will have it)"


def _diff_side(cells: Iterable[Cell | None], hosts: Iterable[str], desired: Desired) -> dict[str, Any]:
    """One side of the diff: the managed cells, and the hosts where they are managed."""
    managed: dict[str, Any] = {
        cell.key: {
            "name": cell.name,
            "transport_url": masked(cell.transport_url),
            "database_connection": masked(cell.database_connection),
            "disabled": cell.disabled,
        }
        for cell in cells
        if cell
    }
    side: dict[str, Any] = {"cells": managed} if managed else {}
    if (desired.discover or desired.remove_hosts) and hosts:
        side["hosts"] = sorted(hosts)
    return side


def _mark_passwords(after: dict[str, Any], changes: Sequence[Change]) -> dict[str, Any]:
    """Say which URLs differ in their secrets only: masked, both sides of the diff would look the same."""
    for change in changes:
        if not change.current or not change.target:
            continue
        for field in _NAMES:
            old, new = getattr(change.current, field), getattr(change.target, field)
            if old != new and masked(old) == masked(new):
                after["cells"][change.target.key][field] += " (new password)"
    return after
