# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compute and Placement APIs, as far as the health of a cloud needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from ..clients.openstack import Cloud
from .model import Fleet, Hypervisor, Service

# Since 2.53 (Pike) IDs are UUIDs, and a hypervisor's is its resource provider's. Before 2.88 nothing in the
# reply is asked from the compute hosts themselves.
_MICROVERSION = "2.53"


class ComputeApi(Protocol):
    """Where the state of the services comes from."""

    def read(self) -> Fleet:
        """Services, hypervisors and resource providers. Raises UnreachableError where an API is silent."""


class Nova:
    """ComputeApi of a real cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def read(self) -> Fleet:
        """One list of each; only that of hypervisors has pages."""
        services = self._cloud.get("compute", "/os-services", microversion=_MICROVERSION)
        hypervisors = pages(self._cloud, "/os-hypervisors/detail", "hypervisors", "id", {}, _MICROVERSION)
        providers = self._cloud.get("placement", "/resource_providers")
        return Fleet(
            tuple(
                Service(
                    one["id"],
                    one["host"],
                    one["binary"],
                    one["zone"],
                    one["state"],
                    one["status"],
                    one["updated_at"],
                    one["disabled_reason"],
                )
                for one in services["services"]
            ),
            tuple(
                Hypervisor(
                    one["id"],
                    one["hypervisor_hostname"],
                    one["service"]["host"],
                    one["hypervisor_type"],
                    one["state"],
                    one["status"],
                    one["host_ip"],
                )
                for one in hypervisors
            ),
            tuple((one["uuid"], one["name"]) for one in providers["resource_providers"]),
        )


def pages(
    cloud: Cloud, path: str, kind: str, key: str, query: Mapping[str, str], microversion: str
) -> Iterator[dict[str, Any]]:
    """All of a list of Nova, which gives [api]max_limit of them at once; ``key`` is what it marks pages by."""
    marker: dict[str, str] = {}
    while True:
        reply = cloud.get("compute", path, params={**query, **marker}, microversion=microversion)
        yield from reply[kind]
        if not reply.get(f"{kind}_links") or not reply[kind]:
            return
        marker = {"marker": reply[kind][-1][key]}
