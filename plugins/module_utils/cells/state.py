# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is and what there shall be of cells and hosts, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .settings import Settings

CELL0_UUID = "00000000-0000-0000-0000-000000000000"
CELL0 = "cell0"
CELL0_TRANSPORT = "none:///"


@dataclass(frozen=True)
class Cell:
    """A row of cell_mappings. The uuid is None for a cell that is yet to be made."""

    name: str
    uuid: str | None
    transport_url: str | None = field(repr=False)
    database_connection: str | None = field(repr=False)
    disabled: bool = False
    id: int | None = None

    @property
    def is_cell0(self) -> bool:
        """Whether this is the cell of the instances that were never scheduled."""
        return self.uuid == CELL0_UUID

    @property
    def key(self) -> str:
        """What tells it apart: its uuid, or the name of a cell that is yet to be made."""
        return self.uuid or self.name

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.name or str(self.uuid)


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
class Load:
    """What would be lost with a cell or a host: instances that live there, and mappings of dead ones."""

    instances: int = 0
    mappings: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """Everything that was read.

    ``hosts`` has the cell's id per mapped host; ``computes`` and ``cell_load`` are by cell key, ``host_load``
    by host, each only as far as it was asked for. ``unread`` says, by cell key, why the computes of a cell
    are not known.
    """

    settings: Settings
    cells: tuple[Cell, ...] = ()
    hosts: Mapping[str, int] = field(default_factory=dict)
    computes: Mapping[str, Computes] = field(default_factory=dict)
    unread: Mapping[str, str] = field(default_factory=dict)
    cell_load: Mapping[str, Load] = field(default_factory=dict)
    host_load: Mapping[str, Load] = field(default_factory=dict)

    def cell_of(self, host: str) -> Cell | None:
        """The cell that a host is mapped to."""
        identity = self.hosts.get(host)
        return next((cell for cell in self.cells if cell.id == identity), None) if identity else None

    def title_of(self, key: str) -> str:
        """What messages call the cell with this key."""
        return next((cell.title for cell in self.cells if cell.key == key), key)


@dataclass(frozen=True)
class DesiredCell:
    """A cell as it is asked for; None leaves a thing as it is, or to the configuration (see ``resolve``)."""

    name: str
    uuid: str | None = None
    transport_url: str | None = field(default=None, repr=False)
    database_connection: str | None = field(default=None, repr=False)
    disabled: bool | None = None
    present: bool = True
    follows: bool = False
    """True for the cell that is managed when nobody names one: its URLs are always the configuration's."""


@dataclass(frozen=True)
class Desired:
    """All that one run of the module is asked for."""

    cells: tuple[DesiredCell, ...]
    cell0_connection: str | None = field(default=None, repr=False)
    discover: bool = False
    expect_hosts: tuple[str, ...] = ()
    remove_hosts: tuple[str, ...] = ()
