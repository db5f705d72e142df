# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read of cells and hosts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.errors import CollectionError
from .._shared.cell_mappings import Cell


@dataclass(frozen=True)
class Settings:
    """The three URLs that Nova's own defaults for cells come from; None where one is not set."""

    config_file: str
    api_connection: str | None = field(default=None, repr=False)
    connection: str | None = field(default=None, repr=False)
    transport_url: str | None = field(default=None, repr=False)

    @property
    def urls(self) -> tuple[str | None, ...]:
        """All of them."""
        return (self.api_connection, self.connection, self.transport_url)


@dataclass(frozen=True)
class ComputeService:
    """A nova-compute as its cell's services table knows it; ``silent_for`` is in seconds, None for ever."""

    host: str
    silent_for: int | None
    disabled: bool = False
    forced_down: bool = False


@dataclass(frozen=True)
class Computes:
    """The computes of one cell: services by host, and per host whether all its nodes are marked as mapped."""

    services: Mapping[str, ComputeService] = field(default_factory=dict)
    nodes: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Occupancy:
    """What would be lost with a cell or a host: instances that live there, and mappings of deleted ones."""

    instances: int = 0
    mappings: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """Everything that was read.

    ``hosts`` has the cell's id per mapped host; ``computes`` and ``cell_occupancy`` are by cell key,
    ``host_occupancy`` by host, each only as far as it was asked for. ``unread`` holds, by cell key, the error
    that keeps the computes of a cell unknown. ``refusals`` are logins that were turned away, while an administrator
    could read.
    """

    settings: Settings
    cells: tuple[Cell, ...] = ()
    hosts: Mapping[str, int] = field(default_factory=dict)
    computes: Mapping[str, Computes] = field(default_factory=dict)
    unread: Mapping[str, CollectionError] = field(default_factory=dict)
    cell_occupancy: Mapping[str, Occupancy] = field(default_factory=dict)
    host_occupancy: Mapping[str, Occupancy] = field(default_factory=dict)
    refusals: tuple[CollectionError, ...] = ()

    def cell_of(self, host: str) -> Cell | None:
        """The cell that a host is mapped to."""
        identity = self.hosts.get(host)
        return next((cell for cell in self.cells if cell.id == identity), None) if identity else None

    def title_of(self, key: str) -> str:
        """What messages call the cell with this key."""
        return next((cell.title for cell in self.cells if cell.key == key), key)
