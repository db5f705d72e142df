# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the roles of a host are given: the cloud's properties, its secrets and its services, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import infrastructure, load_balancer, messaging, neighbours, network, neutron, nova, packages
from . import message_queue as queue
from .cloud import Cloud
from .variables import VariableError


def _neutron(cloud: Cloud, components: list[str]) -> dict[str, Any]:
    return {
        **neutron.neutron(cloud, components).data(),
        "is_server": "server" in components,
        "open_vswitch": neutron.open_vswitch(cloud, components),
    }


def _controller(cloud: Cloud) -> dict[str, Any]:
    side = nova.cell_controller if cloud.is_cell_controller else nova.controller
    return {
        **side(cloud).data(),
        "openings": nova.openings(cloud),
        **({} if cloud.is_cell_controller else {"cells": nova.cell_mapping(cloud)}),
        "removal": nova.removal(cloud),
        "drained": nova.drained(cloud),
        "leaving_cell": nova.leaving_cell(cloud),
    }


def _compute(cloud: Cloud) -> dict[str, Any]:
    asked = cloud.variables["compute_virt_type"]
    types = nova.VIRT_TYPES if asked == "auto" else (asked,)
    return {
        **nova.compute(cloud, types[0]).data(),
        # The files by what the host turns out to be able to do.
        "files_by_virt_type": {each: nova.compute_files(cloud, each) for each in types},
        "own_name": nova.own_name(cloud),
        "instances_path": nova.instances_path(cloud),
        "unit": nova.UNIT,
        "peer": nova.peer(cloud),
    }


_NEIGHBOURS = ("keystone", "glance", "placement", "neutron")
# By role: what it is handed, each by its name.
_PARTS: Mapping[str, Mapping[str, Callable[[Cloud], Any]]] = {
    "cache": {"cache": lambda cloud: infrastructure.cache(cloud).data()},
    "database": {"database": lambda cloud: infrastructure.database(cloud).data()},
    "message_queue": {
        "message_queue": lambda cloud: {
            **queue.message_queue(cloud).data(),
            "account": {
                "password": messaging.nova_account(cloud)["password"],
                "host": queue.login_host(cloud),
            },
        }
    },
    "load_balancer": {
        "load_balancer": lambda cloud: {
            **load_balancer.load_balancer(cloud).data(),
            "ports": [each.port for each in load_balancer.passed(cloud)],
        }
    },
    "keystone": {
        "keystone": lambda cloud: {
            **neighbours.keystone(cloud).data(),
            "key_directories": neighbours.key_directories(cloud),
            "client_files": neighbours.client_files(cloud),
        }
    },
    "glance": {"glance": lambda cloud: neighbours.glance(cloud).data()},
    "placement": {"placement": lambda cloud: neighbours.placement(cloud).data()},
    "neutron": {
        "neutron": lambda cloud: _neutron(cloud, cloud.variables["neutron_components"]),
        "neutron_agents": lambda cloud: _neutron(cloud, network.compute_components(cloud)),
    },
    "controller": {"controller": _controller},
    "compute": {"compute": _compute},
    "packages": {
        "packages": lambda cloud: {
            "all": packages.packages(cloud),
            "release": packages.release(cloud),
        }
    },
    "certificates": {"certificates": lambda cloud: {"copies": packages.certificate_copies(cloud)}},
}


def described(cloud: Cloud, roles: Collection[str]) -> dict[str, Any]:
    """The services of the host by their names, for these roles and for those that its groups get.

    A mistake in a variable is an error where one of ``roles`` needs it; another role is then left out, and so is that
    of a service in the play which ``cloud_neighbours`` does not name.
    """
    found: dict[str, Any] = {}
    needed = set(roles) - (set(_NEIGHBOURS) - set(cloud.variables["cloud_neighbours"]))
    for role in _wanted_roles(cloud, roles):
        for name, part in _PARTS[role].items():
            try:
                found[name] = part(cloud)
            except (VariableError, KeyError):
                if role in needed:
                    raise
    return found


def _wanted_roles(cloud: Cloud, roles: Collection[str]) -> list[str]:
    """The roles of the play and those that the host's groups get, in the order of the site."""
    neighbours_here = set(cloud.variables["cloud_neighbours"])
    neutron_here = {"neutron"} & neighbours_here
    wanted = {*roles, "packages", "certificates"}
    if cloud.is_controller:
        wanted |= {*cloud.infrastructure, "controller", *neighbours_here}
        wanted |= {"load_balancer"} if cloud.balanced else set()
    if cloud.is_cell_controller:
        wanted |= {"database", "message_queue", "controller"}
    if cloud.is_compute:
        wanted |= {"compute", *neutron_here}
    return [role for role in _PARTS if role in wanted]


def published(cloud: Cloud, roles: Collection[str]) -> dict[str, Any]:
    """The properties of the cloud that these roles and users' variables take as ``__cloud.NAME``."""
    names = list(Cloud.PUBLISHED)
    if not cloud.is_controller and cloud.is_compute:
        return {name: getattr(cloud, name) for name in names}
    found = {name: getattr(cloud, name) for name in (*names, *Cloud.PUBLISHED_ON_CONTROLLERS)}
    for name in Cloud.PUBLISHED_FOR_PROOF:
        # A role that is included later in the play does not describe the cloud again.
        try:
            found[name] = getattr(cloud, name)
        except (VariableError, KeyError):
            if "verify" in roles:
                raise
    return found
