# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compute and Placement APIs, as far as the health of a cloud needs them."""

from __future__ import annotations

from typing import Protocol

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
        """One list of each."""
        services = self._cloud.get("compute", "/os-services", microversion=_MICROVERSION)
        hypervisors = self._cloud.get("compute", "/os-hypervisors/detail", microversion=_MICROVERSION)
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
                for one in hypervisors["hypervisors"]
            ),
            tuple((one["uuid"], one["name"]) for one in providers["resource_providers"]),
        )
