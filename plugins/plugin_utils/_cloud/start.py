# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the check at the start asks of each host, and what it has to know of the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .secrets import needed

if TYPE_CHECKING:
    from .cloud import Cloud

__all__ = ["Declared", "connections", "controller_names", "declared", "needed", "roles", "shared_state"]


@dataclass(frozen=True)
class Declared:
    """What the inventory declares of a host, as the check judges it.

    ``console_url`` is known where there are additional cells, ``infrastructure`` is what the controller of a cell must
    have on the host itself. ``host`` is the name that Nova is told to have for it. ``migration_address`` is "" where no
    instance is to move, ``provider_interface`` and ``mechanism`` where nothing of Neutron is deployed.
    """

    controller: bool = False
    compute: bool = False
    cell_controller: bool = False
    cell: str = ""
    console_url: str = ""
    infrastructure: bool = True
    management_address: str = ""
    host: str = ""
    migration_address: str = ""
    needs_authority: bool = False
    provider_interface: str = ""
    mechanism: str = ""
    datapath: str = ""
    source: str = ""
    release: str = ""
    bridge_address: str = ""
    tls: bool = False
    certificate_files: Mapping[str, Any] = field(default_factory=dict)


def declared(cloud: Cloud) -> Declared:
    """What the inventory declares of this host."""
    variables = cloud.variables
    address = variables.get("cloud_management_address") or ""
    migrates = cloud.is_compute and variables["compute_migration_enabled"]
    network = has_network(cloud)
    return Declared(
        controller=cloud.is_controller,
        compute=cloud.is_compute,
        cell_controller=cloud.is_cell_controller,
        cell=cloud.cell,
        console_url=variables["cloud_console_url"] if cloud.cell_hosts else "",
        infrastructure=variables["database_enabled"] and variables["message_queue_enabled"],
        management_address=str(address),
        host=cloud.compute_option("host"),
        migration_address=str(variables["compute_migration_address"]) if migrates and address else "",
        needs_authority=bool(migrates and not variables["compute_certificate_files"]),
        provider_interface=variables["neutron_provider_interface"] if network else "",
        mechanism=variables["neutron_mechanism"] if network else "",
        datapath=variables["neutron_ovs_datapath"],
        source=variables["cloud_source"],
        release=str(variables["cloud_release"] or ""),
        bridge_address=variables["neutron_ovs_bridge_address"],
        tls=cloud.tls,
        certificate_files=variables["cloud_certificate_files"] if cloud.tls else {},
    )


def has_network(cloud: Cloud) -> bool:
    """Whether something of Neutron is deployed on this host."""
    return "neutron" in cloud.variables["cloud_neighbours"] and not cloud.is_cell_controller


def roles(cloud: Cloud) -> list[str]:
    """The roles that the host gets, by whose specifications its variables are checked."""
    neighbours = [
        each for each in ("keystone", "glance", "placement") if each in cloud.variables["cloud_neighbours"]
    ]
    return [
        *("cloud", "packages"),
        *(("database", "message_queue", "cache", "controller", *neighbours) if cloud.is_controller else ()),
        *(("database", "message_queue", "controller") if cloud.is_cell_controller else ()),
        *(("compute",) if cloud.is_compute else ()),
        *(("neutron",) if has_network(cloud) else ()),
    ]


def controller_names(cloud: Cloud) -> list[str]:
    """Names that must lead to the controller on every host; an address that keepalived keeps is none."""
    name = cloud.variables["cloud_controller_host"] if cloud.controllers else ""
    return [name] if name and name != cloud.variables["cloud_internal_address"] else []


def connections(cloud: Cloud) -> dict[str, str]:
    """Services of the site that this host uses: URL to what it is."""
    variables = cloud.variables
    found = {}
    if "keystone" not in variables["cloud_neighbours"]:
        found[variables["cloud_identity_url"]] = "Keystone"
    if not variables["database_enabled"] and cloud.is_controller:
        server = f"{variables['cloud_database_host']}:{variables['cloud_database_port']}"
        found[f"tcp://{server}"] = "the database server"
    if not variables["message_queue_enabled"]:
        for host in variables["cloud_message_queue_hosts"]:
            found[f"tcp://{host}:{variables['cloud_message_queue_port']}"] = "the message queue"
    return found


def shared_state(cloud: Cloud) -> list[str]:
    """What several controllers have that must be a cluster, or the same on all of them."""
    return [
        *(["the database"] if cloud.database_cluster else []),
        *(["the message queue"] if cloud.queue_cluster else []),
        *(["Keystone"] if cloud.several and "keystone" in cloud.variables["cloud_neighbours"] else []),
    ]
