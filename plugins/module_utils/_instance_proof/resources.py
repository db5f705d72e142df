# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof makes in a cloud, and how it is found again and removed, whoever left it behind."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .._clients.microversions import CHOSEN_HOST
from .._clients.neutron_api import router_interfaces
from .._clients.openstack_api import Api, Cloud
from .._clients.openstack_errors import unless_gone
from .._engine.errors import CollectionError
from .._engine.waiting import Clock, wait_until

# On everything that a proof makes, beside the prefix of its name. Nothing without both is ever deleted.
MARK = "Made by stackwright.nova.instance_proof, which deletes it."
# In descriptions of what has no name.
_LABEL_END = ": "
_POLL_SECONDS = 1.0


@dataclass(frozen=True)
class Kind:
    """One kind of resource.

    Its API, the path of its collection, the query that lists the proof's own, the key that wraps one of them
    ("" where nothing does), and the command-line client's word for it.
    """

    service: str
    path: str
    listing: str
    key: str
    command: str


# In the order in which they can be deleted.
KINDS: Mapping[str, Kind] = {
    "server": Kind("compute", "/servers", "/servers/detail?name={name}", "server", "server"),
    # It has an address for a name, and ours in its description.
    "floating IP": Kind(
        "network", "/floatingips", "/floatingips?project_id={project}", "floatingip", "floating ip"
    ),
    "router": Kind("network", "/routers", "/routers?project_id={project}", "router", "router"),
    "network": Kind("network", "/networks", "/networks?project_id={project}", "network", "network"),
    "security_group": Kind(
        "network",
        "/security-groups",
        "/security-groups?project_id={project}",
        "security_group",
        "security group",
    ),
    "flavor": Kind("compute", "/flavors", "/flavors/detail?is_public=None", "flavor", "flavor"),
    "image": Kind("image", "/images", "/images?owner={project}&tag={name}", "", "image"),
}

# Disk and container format of each file of a guest.
IMAGE_FORMATS: Mapping[str, tuple[str, str]] = {
    "kernel": ("aki", "aki"),
    "initramfs": ("ari", "ari"),
    "disk": ("qcow2", "bare"),
}


@dataclass(frozen=True)
class Resource:
    """One thing that a proof made."""

    kind: str
    id: str
    name: str
    body: Mapping[str, Any] = field(default_factory=dict, compare=False)


class Resources:
    """The resources of one proof: those of its project with the mark and a name beginning with ``prefix``."""

    def __init__(self, cloud: Cloud, prefix: str, clock: Clock = time) -> None:
        self._cloud = cloud
        self._network = cloud.network
        self._apis: Mapping[str, Api] = {
            "compute": cloud.compute(CHOSEN_HOST),
            "image": cloud.image,
            "network": self._network,
        }
        self._prefix = prefix
        self._clock = clock

    def own(self) -> list[Resource]:
        """All that a proof of this name made and that is still there, in the order of deletion."""
        return [
            Resource(name, body["id"], body.get("name") or body["floating_ip_address"], body)
            for name, kind in KINDS.items()
            for body in self._list(name, kind)
            if self._is_own(body)
        ]

    def create(self, kind: str, name: str, body: Mapping[str, Any]) -> Resource:
        """Make one resource, marked as ours."""
        what = KINDS[kind]
        marked = {"name": name, "description": MARK, **body}
        if kind == "image":
            # Their description is only a property, which cannot filter a list.
            marked["tags"] = [self._prefix]
        request = {what.key: marked} if what.key else marked
        answer = self._apis[what.service].post(what.path, request, subject=f"{kind} {name}")
        made = answer[what.key] if what.key else answer
        return Resource(kind, made["id"], name, made)

    def create_subnet(self, name: str, network: Resource, cidr: str) -> str:
        """An IPv4 subnet with DHCP on a network; its id. It goes when the network goes."""
        body = {"name": name, "network_id": network.id, "ip_version": 4, "cidr": cidr, "description": MARK}
        answer = self._network.post("/subnets", {"subnet": body}, subject=f"subnet {name}")
        return str(answer["subnet"]["id"])

    def allow_http(self, group: Resource) -> None:
        """Let everybody in who asks for a page. The rule goes when the security group goes."""
        body = {
            "security_group_id": group.id,
            "direction": "ingress",
            "ethertype": "IPv4",
            "protocol": "tcp",
            "port_range_min": 80,
            "port_range_max": 80,
        }
        request, subject = {"security_group_rule": body}, f"rule of security group {group.name}"
        self._network.post("/security-group-rules", request, subject=subject)

    def create_floating_ip(self, name: str, external: str, server: Resource) -> Resource:
        """Give the server an address of the external network with this id; the resource's name is the address."""
        subject = f"floating IP of server {server.name}"
        ports = self._ports(f"device_id={server.id}")
        if not ports:
            cause, remedy = "it has no port", "Look into the log of nova-compute on its host"
            raise CollectionError("create", "floating IP of server", server.name, cause, remedy)
        body = {
            "floating_network_id": external,
            "port_id": ports[0]["id"],
            "description": f"{name}{_LABEL_END}{MARK}",
        }
        made = self._network.post("/floatingips", {"floatingip": body}, subject=subject)["floatingip"]
        return Resource("floating IP", made["id"], made["floating_ip_address"], made)

    def attach(self, router: Resource, subnet: str) -> None:
        """Give the router a leg in the subnet."""
        path = f"/routers/{router.id}/add_router_interface"
        subject = f"interface of router {router.name}"
        self._network.put(path, {"subnet_id": subnet}, subject=subject)

    def upload(
        self,
        name: str,
        path: str,
        disk_format: str,
        container_format: str,
        properties: Mapping[str, str] | None = None,
    ) -> Resource:
        """Make a private image of a file on this host."""
        formats = {"disk_format": disk_format, "container_format": container_format}
        image = self.create("image", name, {**formats, "visibility": "private", **(properties or {})})
        with open(path, "rb") as content:
            self._apis["image"].put(
                f"/images/{image.id}/file",
                subject=f"content of image {name}",
                data=content,
                headers={"Content-Type": "application/octet-stream"},
            )
        return image

    def remove(self, resources: Iterable[Resource], timeout: float) -> None:
        """Delete the resources in the order given and wait until the servers among them are gone.

        What is gone already counts as deleted. All are tried before the first failure is raised.
        """
        failures: list[CollectionError] = []
        remaining = list(resources)
        servers = [resource for resource in remaining if resource.kind == "server"]
        for server in servers:
            with _collected(failures):
                self._delete(server)
        with _collected(failures):
            self._wait_gone(servers, timeout)
        for network in (resource for resource in remaining if resource.kind == "network"):
            with _collected(failures):
                self._stop_dhcp(network)
        for resource in remaining:
            with _collected(failures):
                if resource.kind == "router":
                    self._detach(resource)
                if resource.kind == "network":
                    self._clear_ports(resource)
                if resource.kind != "server":
                    self._delete(resource)
        if failures:
            raise failures[0]

    def _list(self, name: str, kind: Kind) -> Sequence[Mapping[str, Any]]:
        path = kind.listing.format(name=quote(self._prefix), project=self._cloud.project_id)
        answer = self._apis[kind.service].get(path, subject=f"{kind.command}s")
        bodies: Sequence[Mapping[str, Any]] = answer[f"{kind.key or name}s"]
        return bodies

    def _is_own(self, body: Mapping[str, Any]) -> bool:
        name, mark = body.get("name"), body.get("description")
        if name is None:
            name, _end, mark = (mark or "").partition(_LABEL_END)
        named = name == self._prefix or name.startswith(f"{self._prefix}-")
        return named and mark == MARK

    def _delete(self, resource: Resource) -> None:
        kind = KINDS[resource.kind]
        path, subject = f"{kind.path}/{resource.id}", f"{resource.kind} {resource.name}"
        with unless_gone():
            self._apis[kind.service].delete(path, subject=subject)

    def _wait_gone(self, servers: Sequence[Resource], timeout: float) -> None:
        began = self._clock.monotonic()
        left = wait_until(
            lambda left: not left,
            lambda: self._left(servers),
            timeout=timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=lambda left: left,
        )
        for name, status in left.items():
            raise CollectionError(
                "delete",
                "server",
                name,
                f"it is still there ({status}) after {self._clock.monotonic() - began:.0f} seconds",
                "Look into the log of nova-compute on its host; the next proof tries again",
                code="timeout",
            )

    def _left(self, servers: Sequence[Resource]) -> dict[str, str]:
        """The status of each server that is still there, by its name."""
        left = {}
        for server in servers:
            path, subject = f"/servers/{server.id}", f"server {server.name}"
            with unless_gone():
                left[server.name] = self._apis["compute"].get(path, subject=subject)["server"]["status"]
        return left

    def _stop_dhcp(self, network: Resource) -> None:
        """End DHCP while the router is still there.

        A network without a router gets its metadata from the DHCP agent, which would begin to serve it just
        when the network goes, fail, and leave its namespace behind.
        """
        subject = f"subnet of network {network.name}"
        for subnet in network.body["subnets"]:
            with unless_gone():
                self._network.put(f"/subnets/{subnet}", {"subnet": {"enable_dhcp": False}}, subject=subject)

    def _detach(self, router: Resource) -> None:
        """Take the router off its subnets: it cannot be deleted before."""
        path = f"/routers/{router.id}/remove_router_interface"
        subject = f"interface of router {router.name}"
        for port in router_interfaces(self._network, [router.id]):
            with unless_gone():
                self._network.put(path, {"port_id": port["id"]}, subject=subject)

    def _clear_ports(self, network: Resource) -> None:
        """Delete the ports that instances left on our own network when they were cut off."""
        for port in self._ports(f"network_id={network.id}"):
            if port["device_owner"] == "" or port["device_owner"].startswith("compute:"):
                path, subject = f"/ports/{port['id']}", f"port {port['id']}"
                with unless_gone():
                    self._network.delete(path, subject=subject)

    def _ports(self, query: str) -> Sequence[Mapping[str, Any]]:
        answer = self._network.get(f"/ports?{query}", subject="ports")
        ports: Sequence[Mapping[str, Any]] = answer["ports"]
        return ports


@contextmanager
def _collected(failures: list[CollectionError]) -> Iterator[None]:
    try:
        yield
    except CollectionError as error:
        failures.append(error)
