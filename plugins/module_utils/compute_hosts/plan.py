# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: what to enable, to disable and to delete, and what must not be touched. Touches nothing."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from ..compute.health import COMPUTE
from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from .model import ABSENT, DISABLED, ENABLED, Agent, ComputeHost, Desired, Hosts, Load

# A nova-compute that has disabled itself enables itself again.
_OWN_REASON = "AUTO:"
_SHOWN = 5


def plan_hosts(desired: Desired, current: Hosts, *, predicts: bool = False) -> Plan:
    """The steps that lead from ``current`` to ``desired``.

    With ``predicts`` (check mode) a host that is to be enabled may be unknown: it has not reported yet.
    """
    for host in current.hosts:
        _refuse_another_name(host, current.others)
    if desired.state == ENABLED and not predicts:
        _refuse_unknown(current.hosts)
    if desired.must_be_empty:
        refuse_load(desired, current.hosts)
    after = tuple(_target(host, desired) for host in current.hosts)
    return Plan(
        steps=tuple(_steps(desired, current.hosts, after)),
        before=_shown(current.hosts),
        after=_shown(after),
        result={
            "hosts": describe(after),
            "removed": [
                old.name for old, new in zip(current.hosts, after) if old.service and not new.service
            ],
        },
    )


def describe(hosts: Iterable[ComputeHost]) -> list[dict[str, Any]]:
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


def refuse_load(desired: Desired, hosts: Iterable[ComputeHost], *, late: bool = False) -> None:
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
        "compute host" if len(loaded) == 1 else "compute hosts",
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


def _loads(loaded: Sequence[ComputeHost]) -> str:
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


def _remedy(loaded: Sequence[ComputeHost]) -> str:
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


def _refuse_another_name(host: ComputeHost, others: Sequence[str]) -> None:
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


def _refuse_unknown(hosts: Iterable[ComputeHost]) -> None:
    unknown = [host.name for host in hosts if not host.service]
    if unknown:
        raise CollectionError(
            "enable",
            "compute host" if len(unknown) == 1 else "compute hosts",
            ", ".join(unknown),
            f"{COMPUTE} has not registered itself there",
            "See its log, /var/log/nova/nova-compute.log on the host",
            code="not_found",
        )


def _target(host: ComputeHost, desired: Desired) -> ComputeHost:
    service = host.service
    if desired.state == ABSENT:
        return ComputeHost(host.name)
    if service is None:
        return host
    if desired.state == ENABLED and desired.reason in (None, service.disabled_reason):
        service = replace(service, status=ENABLED, disabled_reason=None)
    if desired.state == DISABLED:
        by_itself = (service.disabled_reason or "").startswith(_OWN_REASON)
        if service.status != DISABLED or by_itself:
            service = replace(service, status=DISABLED, disabled_reason=desired.reason)
    return replace(host, service=service)


def _steps(desired: Desired, before: Sequence[ComputeHost], after: Sequence[ComputeHost]) -> Iterable[Step]:
    for old, new in zip(before, after):
        if old.service and new.service and old.service != new.service:
            yield _switch(old, desired)
    if desired.state != ABSENT:
        return
    for host in before:
        if host.service:
            yield Step(
                shlex.join(["openstack", "compute", "service", "delete", host.service.id]),
                "delete_service",
                {"service": host.service.id, "host": host.name},
            )
    for host in before:
        for provider in host.providers:
            # Nova takes those of its compute nodes away with the service, and lists the nodes only if mapped.
            if not host.service or (host.mapped and not provider.listed):
                yield Step(
                    shlex.join(["openstack", "resource", "provider", "delete", provider.id]),
                    "delete_provider",
                    {"provider": provider.id, "host": host.name},
                )
    for host in before:
        yield from map(_delete_agent, host.agents)


def _switch(host: ComputeHost, desired: Desired) -> Step:
    identity = host.service.id if host.service else ""
    words = ["openstack", "compute", "service", "set"]
    if desired.state == ENABLED:
        return Step(shlex.join([*words, "--enable", host.name, COMPUTE]), "enable", {"service": identity})
    why = ["--disable-reason", desired.reason] if desired.reason else []
    return Step(
        shlex.join([*words, "--disable", *why, host.name, COMPUTE]),
        "disable",
        {"service": identity, "reason": desired.reason},
    )


def _delete_agent(agent: Agent) -> Step:
    words = ["openstack", "network", "agent", "delete", agent.id]
    return Step(shlex.join(words), "delete_agent", {"agent": agent.id})


def _shown(hosts: Iterable[ComputeHost]) -> dict[str, Any]:
    """One side of the diff: the hosts of which something is there, without what is empty."""
    return {
        one["host"]: {key: value for key, value in one.items() if key != "host" and value}
        for host, one in zip(hosts, describe(hosts))
        if not host.gone
    }


def _count(things: Sequence[Any], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")
