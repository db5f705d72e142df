# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova's services, hypervisors and resource providers, from the Compute and Placement APIs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from .microversions import HOSTS
from .openstack_api import Api, Cloud

COMPUTE = "nova-compute"


@dataclass(frozen=True)
class NovaService:
    """A Nova service. ``state`` (up, down): does it report? ``status`` (enabled, disabled): may it work?"""

    id: str
    host: str
    binary: str
    zone: str
    state: str
    status: str
    updated_at: str | None = None
    disabled_reason: str | None = None

    @property
    def takes_work(self) -> bool:
        """Whether it reports, and may have new work."""
        return (self.state, self.status) == ("up", "enabled")


@dataclass(frozen=True)
class Hypervisor:
    """A compute node that Nova lists, which it does only if the host of its service is mapped to a cell.

    ``id`` is also the ID of the resource provider in Placement; ``name`` that provider's name.
    """

    id: str
    name: str
    host: str
    type: str
    state: str
    status: str
    host_ip: str | None = None


@dataclass(frozen=True)
class Fleet:
    """All of them at one moment; ``providers`` are Placement's resource providers, ID and name."""

    services: tuple[NovaService, ...] = ()
    hypervisors: tuple[Hypervisor, ...] = ()
    providers: tuple[tuple[str, str], ...] = ()


class ComputeApi(Protocol):
    """Where the state of the services comes from."""

    def read(self) -> Fleet:
        """Services, hypervisors and resource providers. Raises UnreachableError where an API is silent."""


class Nova:
    """ComputeApi of a real cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._compute = cloud.compute(HOSTS)
        self._placement = cloud.placement

    def read(self) -> Fleet:
        """One list of each; only that of hypervisors has pages."""
        services = self.services()
        hypervisors = tuple(
            Hypervisor(
                one["id"],
                one["hypervisor_hostname"],
                one["service"]["host"],
                one["hypervisor_type"],
                one["state"],
                one["status"],
                one["host_ip"],
            )
            for one in pages(self._compute, "/os-hypervisors/detail", "hypervisors", "id", {})
        )
        providers = self._placement.get("/resource_providers")["resource_providers"]
        return Fleet(services, hypervisors, tuple((one["uuid"], one["name"]) for one in providers))

    def services(self) -> tuple[NovaService, ...]:
        """The services of all cells that answer."""
        return tuple(
            NovaService(
                one["id"],
                one["host"],
                one["binary"],
                one["zone"],
                one["state"],
                one["status"],
                one["updated_at"],
                one["disabled_reason"],
            )
            for one in self._compute.get("/os-services")["services"]
        )


def pages(compute: Api, path: str, kind: str, key: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """All of a list of Nova, which gives [api]max_limit of them at once; ``key`` is what it marks pages by."""
    marker: dict[str, str] = {}
    while True:
        reply = compute.get(path, params={**query, **marker})
        yield from reply[kind]
        if not reply.get(f"{kind}_links") or not reply[kind]:
            return
        marker = {"marker": reply[kind][-1][key]}


def providers(host: str, fleet: Fleet) -> list[tuple[str, str]]:
    """ID and name of a host's resource providers, those that Nova does not list (any more) included.

    They are those of its compute nodes, and those that bear its name (with a domain, too) and are no other's.
    """
    nodes = {one.id for one in fleet.hypervisors if one.host == host}
    foreign = {one.id for one in fleet.hypervisors if one.host != host}
    names = {one.host for one in fleet.services if one.host != host}
    return [
        (identity, name)
        for identity, name in fleet.providers
        if identity in nodes
        or (identity not in foreign and name not in names and (name == host or name.startswith(f"{host}.")))
    ]
