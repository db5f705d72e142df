# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud knows of its compute hosts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._clients.nova_api import NovaService


@dataclass(frozen=True)
class Provider:
    """A resource provider in Placement. ``listed``: Nova lists the compute node that it stands for."""

    id: str
    name: str
    listed: bool = True


@dataclass(frozen=True)
class NetworkAgent:
    """An agent of Neutron. ``alive``: does it report?"""

    id: str
    binary: str
    alive: bool
    heartbeat: str | None = None


@dataclass(frozen=True)
class Load:
    """What keeps a host from being empty.

    ``instances``: "name (id)" of each. ``migrations``: "kind of instance id (status)" of those that have not
    ended. ``allocations``: by provider id, the consumers in Placement that are neither.
    """

    instances: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    allocations: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Whether nothing is there."""
        return not (self.instances or self.migrations or self.allocations)


@dataclass(frozen=True)
class Instance:
    """An instance, as far as it matters for moving it. ``status`` is that of the API, ``task`` what is under way.

    ``host`` is None for one that is on no host.
    """

    id: str
    name: str
    status: str
    task: str | None = None
    host: str | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.id})"


@dataclass(frozen=True)
class Host:
    """One host: its nova-compute (None if Nova knows none) and all that goes with it, as far as it was read.

    ``mapped``: Nova lists its compute nodes, which it does only if the host is mapped to a cell. ``instances``: what
    would have to move, read only for a drain.
    """

    name: str
    service: NovaService | None = None
    mapped: bool = False
    providers: tuple[Provider, ...] = ()
    aggregates: tuple[str, ...] = ()
    agents: tuple[NetworkAgent, ...] = ()
    load: Load = Load()
    instances: tuple[Instance, ...] = ()

    @property
    def gone(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.service or self.providers or self.agents)


@dataclass(frozen=True)
class State:
    """The hosts that were asked for, and the names of all other hosts of nova-compute.

    ``available``: those of the others that may have new instances, and report.
    """

    hosts: tuple[Host, ...] = ()
    others: tuple[str, ...] = ()
    available: tuple[str, ...] = ()
