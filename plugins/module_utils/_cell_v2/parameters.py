# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's parameters, and what they ask for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError
from .._shared.cell_mappings import CELL0_UUID
from .._shared.cell_urls import require_encoded
from .._shared.database_login import LOGIN_ARGUMENTS
from .._shared.services import CELL0

ARGUMENTS: dict[str, Any] = {
    "config_file": {"type": "path", "default": "/etc/nova/nova.conf"},
    "cell0": {
        "type": "dict",
        "options": {"database_connection": {"type": "str", "no_log": True}},
    },
    "cells": {
        "type": "list",
        "elements": "dict",
        "options": {
            "name": {"type": "str", "required": True},
            "uuid": {"type": "str"},
            "transport_url": {"type": "str", "no_log": True},
            "database_connection": {"type": "str", "no_log": True},
            "disabled": {"type": "bool"},
            "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        },
    },
    "sync_schemas": {"type": "bool", "default": False},
    "discover_hosts": {"type": "bool", "default": False},
    "expect_hosts": {"type": "list", "elements": "str", "default": []},
    "remove_hosts": {"type": "list", "elements": "str", "default": []},
    "host_cells": {"type": "dict", "default": {}},
    "timeout": {"type": "float", "default": 300},
    "run_as": {"type": "str", "default": "nova"},
    "assumed_urls": {"type": "dict", "no_log": True},
    "administrator": {"type": "dict", "options": LOGIN_ARGUMENTS},
    "assume_cells": {"type": "bool", "default": False},
}

_URL = re.compile(r"[\w+.{}-]+://\S*")


@dataclass(frozen=True)
class DesiredCell:
    """A cell as it is asked for; None leaves a thing as it is, or to the configuration (see ``resolve``).

    ``follows`` is True for the cell that is managed when nobody names one: its URLs are always the configuration's.
    """

    name: str
    uuid: str | None = None
    transport_url: str | None = field(default=None, repr=False)
    database_connection: str | None = field(default=None, repr=False)
    disabled: bool | None = None
    present: bool = True
    follows: bool = False


@dataclass(frozen=True)
class Desired:
    """All that one run of the module is asked for; ``timeout`` is how many seconds to wait for ``expect_hosts``.

    ``host_cells`` has the names of the cells in which hosts must be, as far as they are in any.
    ``assume_cells`` is for check mode: the cells count as a task before this one makes them.
    """

    cells: tuple[DesiredCell, ...]
    cell0_connection: str | None = field(default=None, repr=False)
    discover: bool = False
    expect_hosts: tuple[str, ...] = ()
    remove_hosts: tuple[str, ...] = ()
    host_cells: Mapping[str, str] = field(default_factory=dict)
    timeout: float = 300
    assume_cells: bool = False


_DEFAULT_CELLS = (DesiredCell("cell1", follows=True),)


def desired(params: Mapping[str, Any]) -> Desired:
    """What the parameters ask for."""
    cell0 = (params["cell0"] or {}).get("database_connection")
    given = params["cells"]
    cells = _DEFAULT_CELLS if given is None else tuple(map(_cell, given))
    _check_identities(cells)
    _check_hosts(params["expect_hosts"], params["remove_hosts"])
    for name, option, url in _urls(cell0, cells):
        if not _URL.fullmatch(url):
            raise CollectionError(
                "write",
                "cell",
                name,
                f"its {option} is not a URL",
                "Write it as scheme://…, user and password percent-encoded",
                code="invalid_url",
            )
        require_encoded(url, option, f"{option} of cell {name}")
    return Desired(
        cells=cells,
        cell0_connection=cell0,
        discover=params["discover_hosts"] or bool(params["expect_hosts"]),
        expect_hosts=tuple(dict.fromkeys(params["expect_hosts"])),
        remove_hosts=tuple(dict.fromkeys(params["remove_hosts"])),
        host_cells=params["host_cells"],
        timeout=params["timeout"],
        assume_cells=params["assume_cells"],
    )


def given_urls(params: Mapping[str, Any]) -> list[str]:
    """All URLs in the parameters, which may have passwords in them."""
    cell0 = (params["cell0"] or {}).get("database_connection")
    return [url for _name, _option, url in _urls(cell0, tuple(map(_cell, params["cells"] or ())))]


def _cell(given: Mapping[str, Any]) -> DesiredCell:
    return DesiredCell(
        name=given["name"],
        uuid=given["uuid"],
        transport_url=given["transport_url"],
        database_connection=given["database_connection"],
        disabled=given["disabled"],
        present=given["state"] == "present",
    )


def _urls(cell0: str | None, cells: tuple[DesiredCell, ...]) -> list[tuple[str, str, str]]:
    found = [(CELL0, "database_connection", cell0)]
    for cell in cells:
        found += [
            (cell.name, "transport_url", cell.transport_url),
            (cell.name, "database_connection", cell.database_connection),
        ]
    return [(name, option, url) for name, option, url in found if url is not None]


def _check_identities(cells: tuple[DesiredCell, ...]) -> None:
    seen: set[str] = set()
    for cell in cells:
        if cell.name == CELL0 or cell.uuid == CELL0_UUID:
            raise CollectionError(
                "manage",
                "cell",
                CELL0,
                "it is not one of the cells",
                "Give its URL in cell0; it can be neither disabled nor removed",
                code="invalid_cell",
            )
        identity = cell.uuid or cell.name
        if not cell.name or identity in seen:
            raise CollectionError(
                "manage",
                "cell",
                cell.name,
                "it is listed twice" if cell.name else "it has no name",
                "List each cell once, by its name or by its uuid",
                code="invalid_cell",
            )
        seen.add(identity)


def _check_hosts(expected: list[str], removed: list[str]) -> None:
    both = sorted(set(expected) & set(removed))
    if both:
        raise CollectionError(
            "manage",
            "hosts",
            ", ".join(both),
            "they are both expected and to be removed",
            "Name each in one of expect_hosts and remove_hosts",
            code="invalid_host",
        )
