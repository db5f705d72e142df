# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Open vSwitch of a host."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Protocol

from .._clients.ovsdb import Ovsdb, Row
from .._clients.systemd import Systemd
from .._engine.errors import UnreachableError
from .links import read_links
from .parameters import Desired
from .state import State, VirtualBridge

# Marks what the module has made, in external_ids.
MARK = ("stackwright", "nova")
_TABLES = {
    "Open_vSwitch": ("other_config", "external_ids"),
    "Manager": ("target",),
    "Bridge": ("name", "datapath_type", "ports", "external_ids"),
    "Port": ("_uuid", "name", "external_ids"),
    "Interface": ("name", "ofport", "error"),
}


class VirtualSwitch(Protocol):
    """Reads Open vSwitch and changes it; ``LocalSwitch`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What is there. UnreachableError where Open vSwitch is not installed (yet)."""

    def change(self, commands: Sequence[Sequence[str]], *, wait: bool) -> None:
        """Carry out commands of ovs-vsctl, all or none."""

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        """Run a systemctl verb over units."""


class LocalSwitch:
    """Open vSwitch of the host that the module runs on."""

    def __init__(self, database: Ovsdb, file: str, systemd: Systemd) -> None:
        self._database = database
        self._file = file
        self._systemd = systemd

    def read(self, desired: Desired) -> State:
        """See ``VirtualSwitch``."""
        services = desired.services
        units = self._systemd.units([services.database, services.switch, services.all])
        if not units[services.all].installed:
            raise UnreachableError(
                "read", "bridges of Open vSwitch", "", "it is not installed", "Install its packages first"
            )
        serves = units[services.database].active
        runs = units[services.switch].active and units[services.all].active
        links = read_links(desired.ports)
        # Made by its first start.
        if not serves and not os.path.exists(self._file):
            return State(links=links)
        tables = self._database.select(_TABLES, served=serves)
        own_ports = {row["name"] for row in tables["Port"] if _is_ours(row)}
        names = {row["_uuid"][0]: row["name"] for row in tables["Port"]}
        return State(
            bridges={
                row["name"]: VirtualBridge(
                    row["datapath_type"] or "system",
                    frozenset(names[port] for port in row["ports"]) - {row["name"]},
                    _is_ours(row),
                )
                for row in tables["Bridge"]
            },
            own_ports=frozenset(own_ports),
            # The only row; none in a database that nobody has written to yet.
            settings={name: column for row in tables["Open_vSwitch"] for name, column in row.items()},
            managers=frozenset(row["target"] for row in tables["Manager"]),
            links=links,
            # One that it has taken has a number, a negative one if that failed.
            faults={
                row["name"]: row["error"] or ""
                for row in tables["Interface"]
                if not isinstance(row["ofport"], int) or row["ofport"] < 0
            },
            serves=serves,
            runs=runs,
        )

    def change(self, commands: Sequence[Sequence[str]], *, wait: bool) -> None:
        """See ``VirtualSwitch``."""
        self._database.change(commands, wait=wait)

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        """See ``VirtualSwitch``."""
        self._systemd.systemctl(verb, names)


def _is_ours(row: Row) -> bool:
    return bool(row["external_ids"].get(MARK[0]) == MARK[1])
