# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Neutron's agents and the interfaces of its routers, from the Network API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from .openstack_api import Api

# Whom Neutron calls the owner of a port that is an interface of a router: of a plain one, of a distributed one, of a
# highly available one. Its ports for the external network, for its network of highly available routers and for the
# SNAT of distributed ones are none: nobody attached them, and nobody can detach them.
_INTERFACE_OWNERS = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)


def agents(network: Api) -> list[dict[str, Any]]:
    """All agents, as the API describes them."""
    return list(network.get("/agents", subject="network agents")["agents"])


def router_interfaces(network: Api, routers: Sequence[str]) -> list[dict[str, Any]]:
    """The ports that attach routers, by their IDs, to subnets."""
    if not routers:
        return []
    query = [("device_id", router) for router in routers]
    query += [("device_owner", owner) for owner in _INTERFACE_OWNERS]
    return list(network.get(f"/ports?{urlencode(query)}", subject="ports")["ports"])
