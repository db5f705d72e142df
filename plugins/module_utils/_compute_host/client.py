# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compute, Placement and Network APIs, as far as compute hosts come and go in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from .._clients import neutron_api
from .._clients.microversions import HOSTS, MIGRATIONS
from .._clients.nova_api import COMPUTE, Fleet, Nova, pages, providers
from .._clients.openstack_api import Api, Cloud
from .._clients.openstack_errors import ApiError, unless_gone
from .._engine.errors import CollectionError
from .._shared.instance_actions import last_failure
from .parameters import Desired
from .state import Host, Instance, Load, NetworkAgent, Provider, State

# How a migration can end; Nova itself counts all others as in progress.
_ENDED = frozenset({"confirmed", "reverted", "error", "failed", "completed", "cancelled", "done"})
_CONFLICT = 409


class HostsApi(Protocol):
    """Where compute hosts are known, and how that is changed. What is gone already counts as deleted."""

    def read(self, desired: Desired, *, load: bool) -> State:
        """The hosts, with ``load`` also what is on them. UnreachableError where an API is silent."""

    def enable(self, service: str) -> None:
        """Let a service, by its id, have new instances."""

    def disable(self, service: str, reason: str | None) -> None:
        """Keep new instances from a service."""

    def delete_service(self, service: str, host: str) -> None:
        """Delete a service, and with it its host's mapping, compute nodes, providers and aggregates' entries."""

    def delete_provider(self, provider: str, host: str) -> None:
        """Delete a resource provider."""

    def delete_agent(self, agent: str) -> None:
        """Delete an agent of Neutron."""

    def act(self, instance: str, action: Mapping[str, Any]) -> None:
        """Have something done to an instance, by its id."""

    def instance(self, instance: str) -> Instance | None:
        """An instance as it is now; None where it is gone."""

    def outcome(self, instance: str) -> str:
        """What Nova says of an instance's last migration that did not succeed; "" for nothing."""


class OpenStackHosts:
    """HostsApi of a real cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._nova = Nova(cloud)
        self._compute = cloud.compute(HOSTS)
        self._migrations = cloud.compute(MIGRATIONS)
        self._placement = cloud.placement
        self._network = cloud.network

    def read(self, desired: Desired, *, load: bool) -> State:
        """See ``HostsApi``: one list of each kind, and per host its instances, migrations and allocations."""
        fleet = self._nova.read()
        aggregates = self._aggregates()
        agents = neutron_api.agents(self._network) if any(desired.agents.values()) else []
        hosts = tuple(_host(name, fleet, aggregates, agents, desired) for name in desired.hosts)
        if load:
            hosts = tuple(host if host.gone else self._loaded(host, desired.drain) for host in hosts)
        others = [one for one in fleet.services if one.binary == COMPUTE and one.host not in desired.hosts]
        return State(
            hosts,
            tuple(one.host for one in others),
            tuple(one.host for one in others if one.takes_work),
        )

    def enable(self, service: str) -> None:
        """See ``HostsApi``."""
        self._set(service, {"status": "enabled"})

    def disable(self, service: str, reason: str | None) -> None:
        """See ``HostsApi``."""
        self._set(service, {"status": "disabled", **({"disabled_reason": reason} if reason else {})})

    def delete_service(self, service: str, host: str) -> None:
        """See ``HostsApi``."""
        _delete(self._compute, f"/os-services/{service}", f"service {COMPUTE} on {host}")

    def delete_provider(self, provider: str, host: str) -> None:
        """See ``HostsApi``."""
        _delete(self._placement, f"/resource_providers/{provider}", f"resource provider of {host}")

    def delete_agent(self, agent: str) -> None:
        """See ``HostsApi``."""
        _delete(self._network, f"/agents/{agent}", f"network agent {agent}")

    def act(self, instance: str, action: Mapping[str, Any]) -> None:
        """See ``HostsApi``."""
        self._compute.post(f"/servers/{instance}/action", dict(action), subject=f"instance {instance}")

    def instance(self, instance: str) -> Instance | None:
        """See ``HostsApi``."""
        with unless_gone():
            return _instance(self._compute.get(f"/servers/{instance}")["server"])
        return None

    def outcome(self, instance: str) -> str:
        """See ``HostsApi``."""
        return last_failure(instance, self._compute.get)

    def _loaded(self, host: Host, drain: bool) -> Host:
        instances = tuple(
            map(_instance, self._instances(host.name, "/servers/detail" if drain else "/servers"))
        )
        load = self._load(host.name, host.providers, instances)
        return replace(host, instances=instances if drain else (), load=load)

    def _load(self, host: str, providers: tuple[Provider, ...], found: Sequence[Instance]) -> Load:
        migrations = list(pages(self._migrations, "/os-migrations", "migrations", "uuid", {"host": host}))
        unfinished = [one for one in migrations if one["status"] not in _ENDED]
        # Nova takes the allocations of evacuated instances away together with the service.
        evacuated = {
            one["instance_uuid"]
            for one in migrations
            if one["migration_type"] == "evacuation"
            and one["status"] == "done"
            and one["source_compute"] == host
        }
        accounted = {*(one.id for one in found), *evacuated, *(one["uuid"] for one in unfinished)}
        accounted |= {one["instance_uuid"] for one in unfinished}
        left = {one.id: sorted(self._consumers(one.id) - accounted) for one in providers}
        return Load(
            tuple(str(one) for one in sorted(found, key=lambda one: one.name)),
            tuple(
                f"{one['migration_type']} of instance {one['instance_uuid']} ({one['status']})"
                for one in unfinished
            ),
            {identity: consumers for identity, consumers in left.items() if consumers},
        )

    def _instances(self, host: str, path: str) -> Iterator[dict[str, Any]]:
        return pages(self._compute, path, "servers", "id", {"all_tenants": "true", "host": host})

    def _consumers(self, provider: str) -> set[str]:
        return set(self._placement.get(f"/resource_providers/{provider}/allocations")["allocations"])

    def _aggregates(self) -> list[dict[str, Any]]:
        return list(self._compute.get("/os-aggregates")["aggregates"])

    def _set(self, service: str, body: Mapping[str, str]) -> None:
        self._compute.put(f"/os-services/{service}", body)


def _delete(api: Api, path: str, subject: str) -> None:
    try:
        with unless_gone():
            api.delete(path, subject=subject)
    except ApiError as error:
        if error.status == _CONFLICT:
            raise _in_use(subject, error) from error
        raise


def _host(
    name: str,
    fleet: Fleet,
    aggregates: Sequence[Mapping[str, Any]],
    agents: Sequence[Mapping[str, Any]],
    desired: Desired,
) -> Host:
    return Host(
        name,
        next((one for one in fleet.services if (one.host, one.binary) == (name, COMPUTE)), None),
        any(one.host == name for one in fleet.hypervisors),
        _providers(name, fleet),
        tuple(one["name"] for one in aggregates if name in one["hosts"]),
        tuple(
            NetworkAgent(one["id"], one["binary"], one["alive"], one["heartbeat_timestamp"])
            for one in agents
            if one["host"] == name and one["binary"] in desired.agents.get(name, ())
        ),
    )


def _providers(host: str, fleet: Fleet) -> tuple[Provider, ...]:
    nodes = {one.id for one in fleet.hypervisors if one.host == host}
    return tuple(Provider(identity, name, identity in nodes) for identity, name in providers(host, fleet))


def _instance(server: Mapping[str, Any]) -> Instance:
    return Instance(
        server["id"],
        server["name"],
        server.get("status", ""),
        server.get("OS-EXT-STS:task_state"),
        server.get("OS-EXT-SRV-ATTR:host"),
    )


def _in_use(subject: str, error: ApiError) -> CollectionError:
    kind, _space, name = subject.partition(" ")
    cause = error.failure.split(f"{subject}: ", 1)[-1]
    return CollectionError(
        "delete",
        kind,
        name,
        cause,
        "Something came to the host meanwhile, or left allocations there: run again, and see what it names",
        code="in_use",
    )
