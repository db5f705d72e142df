# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: what to enable, to disable and to delete, and what must not be touched."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from .._clients.nova_api import COMPUTE
from .._engine.errors import CollectionError, plural
from .._engine.plan import Plan, Step, in_order
from .client import HostsApi
from .moves import plan_moves, refuse_immovable
from .parameters import ABSENT, DISABLED, ENABLED, Desired
from .state import Host, Load, NetworkAgent, Provider, State

# A nova-compute that has disabled itself enables itself again.
_OWN_REASON = "AUTO:"
_MOST_NAMES = 5


def plan(desired: Desired, current: State) -> Plan[HostsApi]:
    """The steps that lead from ``current`` to ``desired``.

    Raises CollectionError for a host that is not empty, or that cannot be made so where it is to be drained, and for a
    name that Nova has with another domain.
    """
    for host in current.hosts:
        _refuse_another_name(host, current.others)
    if desired.drain:
        refuse_immovable(current)
    elif desired.must_be_empty:
        refuse_load(desired, current.hosts)
    moves = plan_moves(current) if desired.drain else ()
    after = tuple(_target(host, desired) for host in current.hosts)
    unknown = [host.name for host in current.hosts if not host.service]
    return Plan(
        stages=(*in_order(_steps(desired, current.hosts, after)), *moves),
        before=_diff_side(current.hosts),
        after=_diff_side(after),
        result={
            "hosts": describe(after),
            "removed": [
                old.name for old, new in zip(current.hosts, after) if old.service and not new.service
            ],
            "moved": [str(move.subject) for move in moves],
        },
        unmet=(_unregistered(unknown),) if unknown and desired.state == ENABLED else (),
    )


def describe(hosts: Iterable[Host]) -> list[dict[str, Any]]:
    """The hosts as the module's result has them."""
    return [
        {
            "host": host.name,
            "status": host.service.status if host.service else None,
            "disabled_reason": host.service.disabled_reason if host.service else None,
            "mapped": host.mapped,
            "placement_providers": [one.id for one in host.providers],
            "aggregates": list(host.aggregates),
            "network_agents": [one.binary for one in host.agents],
        }
        for host in hosts
    ]


def refuse_load(desired: Desired, hosts: Iterable[Host], *, late: bool = False) -> None:
    """Raise if anything lives on the hosts. ``late``: they are disabled by now, and were empty before."""
    loaded = [host for host in hosts if not host.load.empty]
    if not loaded:
        return
    states = []
    for status in (ENABLED, DISABLED):
        names = [host.name for host in loaded if host.service and host.service.status == status]
        if names and not late:
            states.append(f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} {status}, as before")
    if late:
        states = ["All hosts stay disabled, so that nothing new comes to them"]
    raise CollectionError(
        "remove" if desired.state == ABSENT else "retire",
        plural("compute host", loaded),
        ", ".join(host.name for host in loaded),
        _loads(loaded) + "".join(f". {text}" for text in states),
        _remedy(loaded),
        code="in_use",
        in_use={
            host.name: {
                "instances": list(host.load.instances),
                "migrations": list(host.load.migrations),
                "allocations": {key: list(value) for key, value in host.load.allocations.items()},
            }
            for host in loaded
        },
    )


def _loads(loaded: Sequence[Host]) -> str:
    if len(loaded) == 1:
        return _load(loaded[0].load)
    return "; ".join(f"on {host.name} {_load(host.load)}" for host in loaded)


def _load(load: Load) -> str:
    found = []
    if load.instances:
        count = _count(load.instances, "instance lives", "instances live")
        found.append(f"{count} there ({_some(load.instances)})")
    if load.migrations:
        count = _count(load.migrations, "migration has", "migrations have")
        found.append(f"{count} not ended ({_some(load.migrations)})")
    for provider, consumers in load.allocations.items():
        count = _count(consumers, "consumer", "consumers")
        found.append(
            f"Placement has allocations on {provider} of {count} without an instance there ({_some(consumers)})"
        )
    return ", ".join(found)


def _remedy(loaded: Sequence[Host]) -> str:
    ways = []
    if any(host.load.instances for host in loaded):
        ways.append("migrate, evacuate or delete the instances")
    if any(host.load.migrations for host in loaded):
        ways.append("let the migrations end, or confirm or revert them")
    providers = [one for host in loaded for one in host.load.allocations]
    if providers:
        ways.append(
            "let instances be built, and delete allocations that stay (nova-manage placement audit --delete "
            f"--resource_provider {providers[0]})"
        )
    text = ", ".join(ways)
    return f"{text[0].upper()}{text[1:]}, then run again"


def _refuse_another_name(host: Host, others: Sequence[str]) -> None:
    """A domain more or less is the usual mistake, and "nothing to do" the wrong answer to it."""
    if host.service:
        return
    alike = [name for name in others if name.startswith(f"{host.name}.") or host.name.startswith(f"{name}.")]
    if alike:
        raise CollectionError(
            "find",
            "compute host",
            host.name,
            f"Nova knows it as {', '.join(alike)}",
            "Give the name that Nova has for it",
            code="not_found",
        )


def _unregistered(names: Sequence[str]) -> CollectionError:
    return CollectionError(
        "enable",
        plural("compute host", names),
        ", ".join(names),
        f"{COMPUTE} has not registered itself there",
        "See its log, /var/log/nova/nova-compute.log on the host",
        code="not_found",
    )


def _target(host: Host, desired: Desired) -> Host:
    service = host.service
    if desired.state == ABSENT:
        return Host(host.name)
    if service is None:
        return host
    if desired.state == ENABLED and desired.reason in (None, service.disabled_reason):
        service = replace(service, status=ENABLED, disabled_reason=None)
    if desired.state == DISABLED:
        by_itself = (service.disabled_reason or "").startswith(_OWN_REASON)
        if service.status != DISABLED or by_itself:
            service = replace(service, status=DISABLED, disabled_reason=desired.reason)
    return replace(host, service=service)


def _steps(desired: Desired, before: Sequence[Host], after: Sequence[Host]) -> Iterable[Step[HostsApi]]:
    for old, new in zip(before, after):
        if old.service and new.service and old.service != new.service:
            enabled = desired.state == ENABLED
            yield _enable(old, old.service.id) if enabled else _disable(old, old.service.id, desired.reason)
    if desired.state != ABSENT:
        return
    for host in before:
        if host.service:
            yield _delete_service(host, host.service.id)
    for host in before:
        for provider in host.providers:
            # Nova takes those of its compute nodes away with the service, and lists the nodes only if mapped.
            if not host.service or (host.mapped and not provider.listed):
                yield _delete_provider(host, provider)
    for host in before:
        yield from map(_delete_agent, host.agents)


def _enable(host: Host, service: str) -> Step[HostsApi]:
    words = ["openstack", "compute", "service", "set", "--enable", host.name, COMPUTE]
    return Step[HostsApi](shlex.join(words), lambda api: api.enable(service))


def _disable(host: Host, service: str, reason: str | None) -> Step[HostsApi]:
    why = ["--disable-reason", reason] if reason else []
    words = ["openstack", "compute", "service", "set", "--disable", *why, host.name, COMPUTE]
    return Step[HostsApi](shlex.join(words), lambda api: api.disable(service, reason))


def _delete_service(host: Host, service: str) -> Step[HostsApi]:
    words = ["openstack", "compute", "service", "delete", service]
    return Step[HostsApi](shlex.join(words), lambda api: api.delete_service(service, host.name))


def _delete_provider(host: Host, provider: Provider) -> Step[HostsApi]:
    words = ["openstack", "resource", "provider", "delete", provider.id]
    return Step[HostsApi](shlex.join(words), lambda api: api.delete_provider(provider.id, host.name))


def _delete_agent(agent: NetworkAgent) -> Step[HostsApi]:
    words = ["openstack", "network", "agent", "delete", agent.id]
    return Step[HostsApi](shlex.join(words), lambda api: api.delete_agent(agent.id))


def _diff_side(hosts: Iterable[Host]) -> dict[str, Any]:
    """One side of the diff: the hosts of which something is there, without what is empty."""
    return {
        one["host"]: {key: value for key, value in one.items() if key != "host" and value}
        for host, one in zip(hosts, describe(hosts))
        if not host.gone
    }


def _count(things: Sequence[Any], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")
