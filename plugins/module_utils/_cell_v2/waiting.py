# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which hosts could be mapped, and what is known of those that are expected and not there yet."""

from __future__ import annotations

from collections.abc import Iterable

from .state import ComputeService, State

# Nova's own limit: [DEFAULT] service_down_time.
_DOWN_AFTER = 60


def hosts_with_nodes(state: State) -> frozenset[str]:
    """The hosts that have a compute node in some cell, which is what a discovery looks for."""
    return frozenset(host for computes in state.computes.values() for host in computes.nodes)


def unmapped_hosts(state: State) -> frozenset[str]:
    """The hosts that a discovery would map."""
    return hosts_with_nodes(state) - frozenset(state.hosts)


def missing_hosts(expected: Iterable[str], state: State) -> dict[str, str]:
    """What is known of each expected host that has neither a mapping nor a compute node, in words."""
    known = hosts_with_nodes(state) | frozenset(state.hosts)
    return {host: f"{host} {_knowledge(host, state)}" for host in expected if host not in known}


def _knowledge(host: str, state: State) -> str:
    for key, computes in state.computes.items():
        service = computes.services.get(host)
        if service:
            place = f"cell {state.title_of(key)} ({_condition(service)})"
            return f"has a nova-compute service in {place} but no compute node"
    alike = _alike(host, state)
    return f"has no nova-compute service in any cell{f' (there is {alike})' if alike else ''}"


def _condition(service: ComputeService) -> str:
    if service.forced_down:
        return "forced down"
    if service.silent_for is None:
        return "never heard of"
    if service.silent_for > _DOWN_AFTER:
        return f"down, last heard of {service.silent_for} s ago"
    return "up, disabled" if service.disabled else "up"


def _alike(host: str, state: State) -> str:
    """A service whose host has the same short name: a domain more or less is the usual mistake."""
    short = host.split(".", 1)[0].lower()
    known = (name for computes in state.computes.values() for name in computes.services)
    return next((name for name in sorted(known) if name.split(".", 1)[0].lower() == short), "")
