# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the services of a cloud work, and what is wrong where they do not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from .._clients.nova_api import COMPUTE, Fleet, Hypervisor, NovaService, providers


@dataclass(frozen=True)
class Compute:
    """A host of nova-compute. ``placement_provider`` is None unless all its hypervisors have one."""

    host: str
    state: str
    status: str
    mapped: bool
    placement_provider: str | None


def computes(fleet: Fleet) -> list[Compute]:
    """The hosts of nova-compute, by name."""
    return [_compute(service, fleet) for service in _sorted(fleet.services) if service.binary == COMPUTE]


def missing(fleet: Fleet, expected: Mapping[str, Sequence[str]]) -> list[str]:
    """One sentence for each thing that is wrong; none means healthy.

    ``expected`` maps hosts to the binaries that must run there; without it, all enabled services must.
    """
    found = {(service.host, service.binary): service for service in fleet.services}
    if not expected:
        if not fleet.services:
            return ["No service of Nova has registered itself."]
        enabled = [one for one in _sorted(fleet.services) if one.status == "enabled"]
        return [text for service in enabled for text in _complaints(service, fleet)]
    sentences: list[str] = []
    for host, binaries in expected.items():
        for binary in binaries:
            service = found.get((host, binary))
            if service is None:
                sentences.append(f"{binary} on {host} has not registered itself.")
            else:
                sentences += _complaints(service, fleet)
    return sentences


def _complaints(service: NovaService, fleet: Fleet) -> list[str]:
    name = f"{service.binary} on {service.host}"
    if service.state != "up":
        return [f"{name} is {service.state}: its last report is of {service.updated_at or 'never'}."]
    if service.status == "disabled" and (service.disabled_reason or "").startswith("AUTO:"):
        return [f"{name} has disabled itself ({service.disabled_reason})."]
    if service.binary != COMPUTE:
        return []
    hypervisors = _hypervisors(service.host, fleet)
    if not hypervisors:
        return [_unlisted(service.host, fleet)]
    return [text for one in hypervisors for text in _provider_complaints(one, fleet)]


def _unlisted(host: str, fleet: Fleet) -> str:
    """Why Nova lists no hypervisor of a host: a node reports to Placement whether it is mapped or not."""
    if providers(host, fleet):
        return f"{host} is not mapped to a cell, so that nothing is scheduled to it."
    return f"{host} has not created its compute node yet, or is not mapped to a cell."


def _provider_complaints(hypervisor: Hypervisor, fleet: Fleet) -> Iterable[str]:
    known = dict(fleet.providers)
    if hypervisor.id in known:
        return
    stale = [one for one, name in known.items() if name == hypervisor.name]
    if stale:
        yield (
            f"Placement has another resource provider named {hypervisor.name} ({stale[0]}), so that "
            f"{hypervisor.host} cannot create its own ({hypervisor.id})."
        )
    else:
        yield f"Placement has no resource provider of {hypervisor.host} ({hypervisor.name}) yet."


def _compute(service: NovaService, fleet: Fleet) -> Compute:
    hypervisors = _hypervisors(service.host, fleet)
    reporting = {one for one, _name in fleet.providers}
    provider = None
    if not hypervisors:
        provider = next((one for one, _name in providers(service.host, fleet)), None)
    elif all(one.id in reporting for one in hypervisors):
        provider = hypervisors[0].id
    return Compute(service.host, service.state, service.status, bool(hypervisors), provider)


def _hypervisors(host: str, fleet: Fleet) -> list[Hypervisor]:
    return [one for one in fleet.hypervisors if one.host == host]


def _sorted(services: Iterable[NovaService]) -> list[NovaService]:
    return sorted(services, key=lambda one: (one.host, one.binary))
