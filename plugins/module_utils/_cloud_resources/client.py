# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compute, Image and Network APIs, as far as what an operator makes on the first day is in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urlencode

from .._clients import neutron_api
from .._clients.microversions import FIRST_DAY
from .._clients.nova_api import pages
from .._clients.openstack_api import Api, Cloud
from .._clients.openstack_errors import unless_gone
from .._engine.draft import ID
from .._engine.errors import CollectionError
from . import bodies
from .parameters import Desired
from .rules import Rule
from .state import CloudResource, State

_PATCH_TYPE = "application/openstack-images-v2.1-json-patch"
_FLAVOR_DEFAULTS = {"vcpus": 1, "disk": 0}


class ResourcesApi(Protocol):
    """Where resources are kept, and how that is changed. What is gone already counts as deleted."""

    def read(self, desired: Desired) -> State:
        """All that has a name which ``desired`` mentions. UnreachableError where an API is silent."""

    def create(self, kind: str, name: str, project: str | None, attributes: Mapping[str, Any]) -> str:
        """Make something; its ID. An image is made without its content."""

    def update(self, kind: str, id: str, name: str, attributes: Mapping[str, Any]) -> None:
        """Change some attributes; a None among extra specs or properties takes one out."""

    def delete(self, kind: str, id: str, name: str) -> None:
        """Delete something."""

    def upload(self, id: str, name: str, content: BinaryIO) -> None:
        """Give an image its content."""

    def attach(self, router: str, name: str, subnet: str) -> None:
        """Give a router an interface in a subnet."""

    def detach(self, router: str, name: str, subnet: str) -> None:
        """Take a router's interface off a subnet."""

    def create_rule(self, group: str, name: str, rule: Rule) -> None:
        """Add a rule to a security group."""

    def delete_rule(self, group: str, name: str, rule: Rule) -> None:
        """Take a rule out of a security group."""

    def set_quota(self, service: str, project: str, name: str, limits: Mapping[str, int]) -> None:
        """Set limits of a project with the service "compute" or "network"."""


class OpenStackResources:
    """ResourcesApi of a real cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._compute = cloud.compute(FIRST_DAY)
        self._image = cloud.image
        self._network = cloud.network

    def read(self, desired: Desired) -> State:
        """See ``ResourcesApi``: one list of each kind that matters, and two requests for each project's quotas."""
        projects: dict[str | None, ID] = {None: self._cloud.project_id}
        for name in desired.projects:
            found = self._project(name)
            if found:
                projects[name] = found
        return State(projects, tuple(self._resources(desired, projects)))

    def _resources(self, desired: Desired, projects: Mapping[str | None, ID]) -> Iterator[CloudResource]:
        if desired.of("flavor"):
            flavors = pages(self._compute, "/flavors/detail", "flavors", "id", {"is_public": "None"})
            yield from map(bodies.flavor, flavors)
        if desired.of("keypair"):
            reply = self._compute.get("/os-keypairs")
            yield from (bodies.keypair(one["keypair"]) for one in reply["keypairs"])
        images = [spec.name for spec in desired.of("image")]
        if images:
            quoted = ",".join('"' + name.replace("\\", r"\\").replace('"', r"\"") + '"' for name in images)
            query = {"name": f"in:{quoted}", "visibility": "all", "limit": "1000"}
            yield from map(bodies.image, _read(self._image, "/images", query)["images"])
        yield from self._networking(desired)
        for project in dict.fromkeys(spec.project for spec in desired.of("security group")):
            if project in projects:
                # So asked, Neutron makes the default group of a project that has none yet.
                query = {"tenant_id": str(projects[project])}
                found = _read(self._network, "/security-groups", query)["security_groups"]
                yield from map(bodies.security_group, found)
        services: dict[str, set[str]] = {}
        for spec in desired.of("quota"):
            if spec.project in projects:
                services.setdefault(str(projects[spec.project]), set()).update(spec.attributes)
        yield from (self._quota(project, asked) for project, asked in services.items())

    def _networking(self, desired: Desired) -> Iterator[CloudResource]:
        """Networks, subnets and routers that are named, and those that they are said to lead to."""
        routers = desired.of("router")
        networks = [spec.name for spec in desired.of("network")]
        networks += [
            spec.attributes["network"] for spec in desired.of("subnet") if "network" in spec.attributes
        ]
        networks += [spec.attributes.get("external_network", "") for spec in routers]
        subnets = [spec.name for spec in desired.of("subnet")]
        subnets += [name for spec in routers for name in spec.subnets]
        yield from map(bodies.network, self._named("networks", networks))
        yield from map(bodies.subnet, self._named("subnets", subnets))
        found = self._named("routers", [spec.name for spec in routers])
        legs = self._interfaces([one["id"] for one in found])
        yield from (bodies.router(one, legs.get(one["id"], ())) for one in found)

    def _named(self, kind: str, names: Iterable[str]) -> list[dict[str, Any]]:
        """All of these names, in one list."""
        query = [("name", name) for name in dict.fromkeys(names) if name]
        return list(_read(self._network, f"/{kind}", query)[kind]) if query else []

    def _interfaces(self, routers: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By router, the subnets that it has interfaces in."""
        subnets: dict[str, tuple[str, ...]] = {}
        for port in neutron_api.router_interfaces(self._network, routers):
            legs = tuple(address["subnet_id"] for address in port["fixed_ips"])
            subnets[port["device_id"]] = subnets.get(port["device_id"], ()) + legs
        return subnets

    def _project(self, name: str) -> str | None:
        """The ID of a project, by its name or its ID."""
        identity = self._cloud.identity
        found = [one["id"] for one in identity.get(f"/projects?{urlencode({'name': name})}")["projects"]]
        if len(found) > 1:
            remedy = "Give the ID of the one that is meant"
            raise CollectionError("find", "project", name, _several(found), remedy, code="duplicate")
        if found:
            return str(found[0])
        with unless_gone():
            return str(identity.get(f"/projects/{quote(name, safe='')}")["project"]["id"])
        return None

    def _quota(self, project: str, services: Collection[str]) -> CloudResource:
        limits: dict[str, Any] = {}
        if "compute" in services:
            limits["compute"] = self._compute.get(f"/os-quota-sets/{project}")["quota_set"]
        if "network" in services:
            limits["network"] = _read(self._network, f"/quotas/{project}")["quota"]
        return CloudResource("quota", project, "", project, limits)

    def create(self, kind: str, name: str, project: str | None, attributes: Mapping[str, Any]) -> str:
        """See ``ResourcesApi``."""
        subject = f"{kind} {name}"
        if kind == "flavor":
            return self._create_flavor(name, attributes)
        body = {"name": name, **bodies.reworded(kind, attributes)}
        if kind == "keypair":
            self._compute.post("/os-keypairs", {"keypair": {**body, "type": "ssh"}}, subject=subject)
            return name
        if kind == "image":
            owner = {} if project is None else {"owner": project}
            return str(self._image.post("/images", {**body, **owner}, subject=subject)["id"])
        if kind == "subnet":
            body["ip_version"] = 6 if ":" in body["cidr"] else 4
        if project is not None:
            body["project_id"] = project
        key = kind.replace(" ", "_")
        return str(self._network.post(_collection(kind), {key: body}, subject=subject)[key]["id"])

    def _create_flavor(self, name: str, attributes: Mapping[str, Any]) -> str:
        body = {"name": name, **bodies.reworded("flavor", {**_FLAVOR_DEFAULTS, **attributes})}
        reply = self._compute.post("/flavors", {"flavor": body}, subject=f"flavor {name}")
        created = str(reply["flavor"]["id"])
        specs = {key: value for key, value in attributes.get("extra_specs", {}).items() if value is not None}
        if specs:
            self._set_extra_specs(created, name, specs)
        return created

    def update(self, kind: str, id: str, name: str, attributes: Mapping[str, Any]) -> None:
        """See ``ResourcesApi``."""
        subject = f"{kind} {name}"
        if kind == "flavor":
            specs = attributes["extra_specs"]
            given = {key: value for key, value in specs.items() if value is not None}
            if given:
                self._set_extra_specs(id, name, given)
            for key in specs.keys() - given.keys():
                path = f"/flavors/{id}/os-extra_specs/{quote(key, safe='')}"
                self._compute.delete(path, subject=f"extra spec {key} of {subject}")
        elif kind == "image":
            patches, headers = list(bodies.patches(attributes)), {"Content-Type": _PATCH_TYPE}
            self._image.patch(f"/images/{id}", patches, subject=subject, headers=headers)
        else:
            body = {kind.replace(" ", "_"): bodies.reworded(kind, attributes)}
            self._network.put(f"{_collection(kind)}/{id}", body, subject=subject)

    def delete(self, kind: str, id: str, name: str) -> None:
        """See ``ResourcesApi``."""
        path = f"/os-keypairs/{quote(id, safe='')}" if kind == "keypair" else f"{_collection(kind)}/{id}"
        apis = {"flavor": self._compute, "keypair": self._compute, "image": self._image}
        with unless_gone():
            apis.get(kind, self._network).delete(path, subject=f"{kind} {name}")

    def upload(self, id: str, name: str, content: BinaryIO) -> None:
        """See ``ResourcesApi``."""
        headers = {"Content-Type": "application/octet-stream"}
        subject = f"content of image {name}"
        self._image.put(f"/images/{id}/file", subject=subject, data=content, headers=headers)

    def attach(self, router: str, name: str, subnet: str) -> None:
        """See ``ResourcesApi``."""
        self._interface("add", router, name, subnet)

    def detach(self, router: str, name: str, subnet: str) -> None:
        """See ``ResourcesApi``."""
        with unless_gone():
            self._interface("remove", router, name, subnet)

    def create_rule(self, group: str, name: str, rule: Rule) -> None:
        """See ``ResourcesApi``."""
        body = {
            "security_group_id": group,
            "direction": rule.direction,
            "ethertype": rule.ethertype,
            "protocol": rule.protocol or None,
            "port_range_min": rule.first_port,
            "port_range_max": rule.last_port,
            "remote_ip_prefix": rule.remote_ip or None,
        }
        path, subject = "/security-group-rules", f"rule of security group {name}"
        self._network.post(path, {"security_group_rule": body}, subject=subject)

    def delete_rule(self, group: str, name: str, rule: Rule) -> None:
        """See ``ResourcesApi``; Neutron makes rules of its own with a group, whose IDs nobody knows before."""
        path, subject = "/security-group-rules", f"rule of security group {name}"
        for one in _read(self._network, path, {"security_group_id": group})["security_group_rules"]:
            if Rule.reported(one) == rule:
                self._network.delete(f"{path}/{one['id']}", subject=subject)

    def set_quota(self, service: str, project: str, name: str, limits: Mapping[str, int]) -> None:
        """See ``ResourcesApi``."""
        subject = f"quota {name}"
        if service == "compute":
            self._compute.put(f"/os-quota-sets/{project}", {"quota_set": dict(limits)}, subject=subject)
        else:
            self._network.put(f"/quotas/{project}", {"quota": dict(limits)}, subject=subject)

    def _set_extra_specs(self, flavor: str, name: str, specs: Mapping[str, str]) -> None:
        path, subject = f"/flavors/{flavor}/os-extra_specs", f"extra specs of flavor {name}"
        self._compute.post(path, {"extra_specs": dict(specs)}, subject=subject)

    def _interface(self, verb: str, router: str, name: str, subnet: str) -> None:
        path, subject = f"/routers/{router}/{verb}_router_interface", f"interface of router {name}"
        self._network.put(path, {"subnet_id": subnet}, subject=subject)


def _read(api: Api, path: str, query: Any = None) -> Any:
    """A list or a thing, with the path for what errors call it."""
    return api.get(f"{path}?{urlencode(query)}" if query else path, subject=path.strip("/"))


def _collection(kind: str) -> str:
    return f"/{kind.replace(' ', '-')}s"


def _several(ids: Sequence[str]) -> str:
    return f"there are {len(ids)} of that name ({', '.join(ids)})"
