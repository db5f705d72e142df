# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud as one of its hosts sees it: controllers, cells, addresses, secrets, certificates, networks. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlsplit

from . import cells, network, proof, secrets
from .inventory import Inventory, unique

TLS_FILES = {
    "ca": "/etc/stackwright/tls/ca.crt",
    "certificate": "/etc/stackwright/tls/host.crt",
    "private_key": "/etc/stackwright/tls/host.key",
}
"""Where each host has its certificate, from which its services get their copies."""

_URLS = {
    "keystone": ("cloud_identity_url", "cloud_identity_public_url"),
    "glance": ("cloud_image_url", "cloud_image_public_url"),
    "placement": ("cloud_placement_url", "cloud_placement_public_url"),
    "neutron": ("cloud_network_url", "cloud_network_public_url"),
    "nova": ("cloud_compute_url", "cloud_compute_public_url", "cloud_console_url"),
}
# The ports of the loopback address at which a controller reaches the memcached of each controller, with TLS.
_FIRST_CACHE_PORT = 11221
_CACHE_PORT = 11211


@dataclass(frozen=True)
class Cloud:
    """The cloud as the host ``inventory.name`` sees it.

    ``variables`` are those of all roles for that host, rendered; ``platform`` is what its distribution calls things
    (one of the files of roles/cloud/vars); ``secret_values`` are those of the file of secrets.
    """

    inventory: Inventory
    variables: Mapping[str, Any]
    platform: Mapping[str, Any]
    secret_values: Mapping[str, Any]

    PUBLISHED: ClassVar[tuple[str, ...]] = (
        "balanced",
        "cell_controllers",
        "cell_secrets",
        "certificate_names",
        "certificates_roles",
        "compute_agents",
        "console_url",
        "controller_addresses",
        "controller_agents",
        "controllers",
        "database_cluster",
        "host_url",
        "is_cell_controller",
        "leads",
        "memcached_servers",
        "message_queue_hosts",
        "message_queue_vhost",
        "neutron_components",
        "nova_certificates_roles",
        "nova_neutron_components",
        "nova_roles",
        "packages_neutron_components",
        "packages_roles",
        "queue_cluster",
        "restarts_at_a_time",
        "scheme",
        "several",
        "tls",
        "tls_files",
    )
    """What roles and defaults of variables may take as ``__cloud.NAME``."""
    PUBLISHED_ON_CONTROLLERS: ClassVar[tuple[str, ...]] = (
        "compute_hosts",
        "controller_hosts",
        "host_cells",
        "host_names",
    )
    """What a compute host is not given, because it is long where there are many of them."""
    PUBLISHED_FOR_PROOF: ClassVar[tuple[str, ...]] = ("verify_agents", "verify_hosts", "verify_services")
    """What the role verify needs on a controller."""

    @property
    def name(self) -> str:
        """The host, as the inventory calls it."""
        return self.inventory.name

    def group(self, kind: str) -> list[str]:
        """The hosts of the group of this kind: controller, compute or cell_controller."""
        return self.inventory.group(self.variables[f"cloud_{kind}_group"])

    # --- Controllers ------------------------------------------------------------------------------------------

    @cached_property
    def controllers(self) -> list[str]:
        """The controllers, in the order of the inventory."""
        return self.group("controller")

    @cached_property
    def controller_addresses(self) -> list[str]:
        """The management addresses of the controllers, in their order."""
        return [self.inventory.address(each) for each in self.controllers]

    @property
    def several(self) -> bool:
        """Whether there are several controllers."""
        return len(self.controllers) > 1

    @property
    def is_controller(self) -> bool:
        """Whether this host is one of them."""
        return self.name in self.controllers

    @property
    def is_compute(self) -> bool:
        """Whether this host is a compute host."""
        return self.name in self.group("compute")

    @property
    def database_cluster(self) -> bool:
        """Whether the database that is deployed here is a cluster."""
        return self.several and self.variables["database_enabled"]

    @property
    def queue_cluster(self) -> bool:
        """Whether the message queue that is deployed here is a cluster."""
        return self.several and self.variables["message_queue_enabled"]

    @property
    def leads(self) -> bool:
        """Whether this host does what happens once for all controllers: the first does, and a host that is none."""
        return self.name not in self.controllers[1:]

    @property
    def balanced(self) -> bool:
        """Whether load balancers of this collection stand in front of the controllers."""
        return (
            self.several
            and bool(self.variables["cloud_internal_address"])
            and self.variables["load_balancer_enabled"]
        )

    @property
    def restarts_at_a_time(self) -> int:
        """How many hosts restart a service at a time, 0 for all: controllers restart one after the other."""
        return 1 if self.several and self.is_controller else 0

    @cached_property
    def services(self) -> list[str]:
        """What is deployed here, as secrets and endpoints name their owners."""
        return [
            "nova",
            *self.variables["cloud_neighbours"],
            *(["message_queue"] if self.variables["message_queue_enabled"] else []),
            *(["message_queue_cluster"] if self.queue_cluster else []),
        ]

    def compute_option(self, name: str) -> str:
        """What ``compute_options`` sets in [DEFAULT] of nova.conf, "" where it does not."""
        section = self.variables["compute_options"].get("DEFAULT") or {}
        return str(section.get(name) or "")

    # --- memcached --------------------------------------------------------------------------------------------

    @property
    def cache_ports(self) -> list[int]:
        """With TLS: the local ports at which a controller reaches the memcached of each controller."""
        return list(range(_FIRST_CACHE_PORT, _FIRST_CACHE_PORT + len(self.controllers)))

    @property
    def cache_shared(self) -> bool:
        """Whether all controllers know one memcached; with TLS behind a load balancer of the site each has its own."""
        return not self.several or not self.tls or self.balanced

    @property
    def memcached_servers(self) -> list[str]:
        """The memcached servers, host:port."""
        if not self.variables["cloud_internal_address"]:
            host = "127.0.0.1" if self.tls else self.variables["cloud_controller_host"]
            return [f"{host}:{_CACHE_PORT}"]
        if not self.tls:
            return [f"{each}:{_CACHE_PORT}" for each in self.controller_addresses]
        return [f"127.0.0.1:{port}" for port in (self.cache_ports if self.balanced else [_CACHE_PORT])]

    # --- Message queue ----------------------------------------------------------------------------------------

    @property
    def message_queue_hosts(self) -> list[str]:
        """All nodes of the message queue."""
        return self.controller_addresses if self.queue_cluster else [self.variables["cloud_controller_host"]]

    @property
    def message_queue_vhost(self) -> str:
        """The services' virtual host. A cluster has a separate one: existing queues cannot become quorum queues."""
        return "cloud" if self.queue_cluster else "/"

    # --- TLS and names ----------------------------------------------------------------------------------------

    @property
    def tls(self) -> bool:
        """Whether all that is deployed here speaks TLS."""
        return bool(self.variables["cloud_tls"])

    @property
    def tls_files(self) -> dict[str, str]:
        """Where the host has its certificate."""
        return TLS_FILES

    @property
    def scheme(self) -> str:
        """How URLs of what is deployed here begin."""
        return "https" if self.tls else "http"

    @property
    def plain_servers(self) -> list[str]:
        """The variables that have services speak to the database or the message queue without TLS."""
        return [
            name for name in ("cloud_database_tls", "cloud_message_queue_tls") if not self.variables[name]
        ]

    @cached_property
    def urls(self) -> dict[str, str]:
        """The URLs of what is deployed here, by their variables."""
        return {
            name: self.variables[name]
            for service, names in _URLS.items()
            if service in self.services
            for name in names
        }

    @property
    def service_names(self) -> list[str]:
        """The names under which the services of this host are reached; none where it serves nobody."""
        if self.is_controller:
            hosts = [urlsplit(url).hostname for url in self.urls.values()]
            return unique(
                [self.variables["cloud_controller_host"], self.variables["cloud_public_host"], *hosts]
            )
        if self.is_cell_controller:
            return unique(
                [self.cell_hosts[self.cell], urlsplit(self.variables["cloud_console_url"]).hostname]
            )
        return []

    @property
    def certificate_names(self) -> list[str]:
        """The names that the host's certificate must be for.

        The site's own certificate need only have those of the services; on a compute host, and on one of several
        controllers, the host's address.
        """
        address = self.variables["cloud_management_address"]
        if self.variables["cloud_certificate_files"]:
            alone = self.service_names and not self.several
            return unique([*self.service_names, *([] if alone else [address])])
        own = [self.name, self.inventory.node_name(self.name), address]
        return unique([*own, *self.service_names, "localhost", "127.0.0.1"])

    @property
    def host_url(self) -> str:
        """Where the APIs of this host answer on the host itself, without their ports.

        A certificate of the site is asked for by its name, where the name leads to this host alone.
        """
        address = self.variables["cloud_management_address"]
        host = bracketed(address)
        if self.tls and self.variables["cloud_certificate_files"] and not self.several:
            host = self.cell_hosts.get(self.cell, self.variables["cloud_controller_host"])
        return f"{self.scheme}://{host}"

    # --- Cells ------------------------------------------------------------------------------------------------

    @property
    def cell(self) -> str:
        """The cell that this host belongs to."""
        return str(self.variables["cloud_cell"])

    @cached_property
    def cell_controllers(self) -> dict[str, str]:
        """Additional cells by their names: the controller of each."""
        return cells.controllers(self)

    @cached_property
    def cell_hosts(self) -> dict[str, str]:
        """Additional cells by their names: the host under which the controller of each is reached."""
        return cells.hosts(self)

    @property
    def in_additional_cell(self) -> bool:
        """Whether this host belongs to one."""
        return self.cell in self.cell_hosts

    @property
    def is_cell_controller(self) -> bool:
        """Whether this host is the controller of one."""
        return self.name in self.group("cell_controller")

    @property
    def cell_secrets(self) -> dict[str, str]:
        """The secrets of additional cells."""
        return secrets.of_cells(self)

    @property
    def console_url(self) -> str:
        """The page of the noVNC console, as users reach it."""
        return f"{self.scheme}://{self.console_host}:6080/vnc_lite.html"

    @property
    def console_host(self) -> str:
        """Where the console proxy of the host's cell is."""
        host = self.cell_hosts.get(self.cell) or self.variables["cloud_public_host"]
        return bracketed(host)

    @cached_property
    def compute_cells(self) -> dict[str, str]:
        """The cells of compute hosts by their names in the inventory; {} where there is one cell."""
        if not self.cell_controllers:
            return {}
        return {each: self.inventory.cell(each) for each in self.group("compute")}

    @property
    def host_cells(self) -> dict[str, str]:
        """The same by the names that Nova has for hosts."""
        return {self.host_names[name]: cell for name, cell in self.compute_cells.items()}

    # --- Hosts ------------------------------------------------------------------------------------------------

    @cached_property
    def host_names(self) -> dict[str, str]:
        """Names in the inventory to those that Nova and Neutron have; its own for a host that was not asked."""
        found = {}
        for name in self.inventory.group("all"):
            known = self.inventory.of(name, "__compute_name") or self.inventory.node_name(name)
            found[name] = known or name
        return found

    @property
    def compute_hosts(self) -> list[str]:
        """The compute hosts under the names that Nova has for them."""
        return [self.host_names[each] for each in self.group("compute")]

    @property
    def controller_hosts(self) -> list[str]:
        """The controllers under these names."""
        return [self.host_names[each] for each in self.controllers]

    # --- Proof ------------------------------------------------------------------------------------------------

    @property
    def verify_services(self) -> dict[str, list[str]]:
        """The services of Nova by the hosts that must run them."""
        return proof.services(self)

    @property
    def verify_agents(self) -> dict[str, list[str]]:
        """The agents of Neutron by the hosts that must run them."""
        return proof.agents(self)

    @property
    def verify_hosts(self) -> list[str]:
        """The compute hosts that get an instance."""
        return proof.hosts(self)

    # --- Networks ---------------------------------------------------------------------------------------------

    @property
    def controller_agents(self) -> list[str]:
        """The agents of Neutron that a controller has, as Neutron calls them."""
        return network.agents(network.controller_components(self))

    @property
    def compute_agents(self) -> list[str]:
        """The agents of Neutron that a compute host has."""
        return network.agents(network.compute_components(self))

    @property
    def neutron_components(self) -> list[str]:
        """The components of Neutron that a controller has; one that is a compute host as well has those, too."""
        return network.controller_components(self)

    # --- What roles a host gets -------------------------------------------------------------------------------

    @property
    def infrastructure(self) -> list[str]:
        """The roles of the infrastructure that are deployed here."""
        return [role for role in ("database", "message_queue", "cache") if self.variables[f"{role}_enabled"]]

    @property
    def packages_roles(self) -> list[str]:
        """The roles whose packages this host needs, as playbooks/site.yml deploys them."""
        neighbours = [each for each in self.variables["cloud_neighbours"] if each != "neutron"]
        return [
            *([*self.infrastructure, *neighbours, "controller"] if self.is_controller else []),
            *(["database", "message_queue", "cell"] if self.is_cell_controller else []),
            *(["compute"] if self.is_compute else []),
        ]

    @property
    def packages_neutron_components(self) -> list[str]:
        """The components of Neutron on this host."""
        if "neutron" not in self.variables["cloud_neighbours"]:
            return []
        if self.is_controller:
            return network.controller_components(self)
        return [] if self.is_cell_controller else network.compute_components(self)

    @property
    def nova_roles(self) -> list[str]:
        """Those of them that the playbook nova deploys."""
        return [each for each in self.packages_roles if self._is_of_nova(each)]

    def _is_of_nova(self, role: str) -> bool:
        of_cell = ("database", "message_queue", "cell") if self.is_cell_controller else ()
        return role in ("controller", "compute", *of_cell)

    @property
    def nova_certificates_roles(self) -> list[str]:
        """The roles among these whose services get a copy of the host's certificate."""
        return ["controller" if each == "cell" else each for each in self.nova_roles]

    @property
    def nova_neutron_components(self) -> list[str]:
        """The components of Neutron that the playbook nova deploys: those of compute hosts."""
        here = self.is_compute and not self.is_controller
        return (
            network.compute_components(self)
            if here and "neutron" in self.variables["cloud_neighbours"]
            else []
        )

    @property
    def certificates_roles(self) -> list[str]:
        """The roles whose services get a copy of the host's certificate."""
        infrastructure = [each for each in self.infrastructure if each != "cache"]
        controller = [*infrastructure, *self.variables["cloud_neighbours"], "controller"]
        return [
            *([*controller, *(["load_balancer"] if self.balanced else [])] if self.is_controller else []),
            *(["database", "message_queue", "controller"] if self.is_cell_controller else []),
            *(["compute"] if self.is_compute else []),
        ]


def bracketed(host: str) -> str:
    """A host as URLs have it: an IPv6 address in brackets."""
    return re.sub(r"^(.*:.*)$", r"[\1]", host)
