# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How Neutron connects instances, and what of it runs where."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .inventory import unique

if TYPE_CHECKING:
    from .cloud import Cloud

COMPONENTS = {
    "linuxbridge": {
        "controller": ["server", "l3", "dhcp", "metadata", "linuxbridge"],
        "compute": ["linuxbridge"],
    },
    "openvswitch": {
        "controller": ["server", "l3", "dhcp", "metadata", "openvswitch"],
        "compute": ["openvswitch"],
    },
    "ovn": {"controller": ["ovn_central", "server", "ovn"], "compute": ["ovn", "ovn_metadata"]},
}
"""The components of Neutron that each mechanism has on a controller and on a compute host."""

_AGENTS = {
    "l3": "neutron-l3-agent",
    "dhcp": "neutron-dhcp-agent",
    "metadata": "neutron-metadata-agent",
    "linuxbridge": "neutron-linuxbridge-agent",
    "openvswitch": "neutron-openvswitch-agent",
    "ovn": "ovn-controller",
    "ovn_metadata": "neutron-ovn-metadata-agent",
}


def mechanism(cloud: Cloud) -> str:
    """How instances are connected: as the operator says, or as the platform does it by default."""
    asked = str(cloud.variables["neutron_mechanism"])
    return asked if asked != "auto" else str(cloud.platform["neutron"]["mechanisms"][0])


def controller_components(cloud: Cloud) -> list[str]:
    """What a controller has; one that is a compute host as well has what both have."""
    own = _components(cloud, "controller")
    return unique([*own, *(compute_components(cloud) if cloud.is_compute else [])])


def compute_components(cloud: Cloud) -> list[str]:
    """What a compute host has."""
    return _components(cloud, "compute")


def _components(cloud: Cloud, kind: str) -> list[str]:
    """None where the platform is known, and has no Neutron."""
    if cloud.platform and "neutron" not in cloud.platform:
        return []
    return COMPONENTS[mechanism(cloud)][kind]


def agents(components: Iterable[str]) -> list[str]:
    """The agents that Neutron knows of where these components run."""
    return [_AGENTS[each] for each in components if each in _AGENTS]
