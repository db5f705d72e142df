# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Compute, Image and Network APIs, as far as what an operator makes on the first day is in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Protocol
from urllib.parse import quote, urlencode

from .._clients.nova_api import pages
from .._clients.openstack import Api, ApiError, Cloud
from .._engine.errors import CollectionError
from .parameters import Desired
from .rules import Rule
from .state import CloudResource, ImageContent, ResourceID, State

# 2.61 (Rocky): the list of flavors has their extra specs.
_MICROVERSION = "2.61"
_NOT_FOUND = 404
_PATCH_TYPE = "application/openstack-images-v2.1-json-patch"
# Plain and distributed routers, and highly available ones.
_INTERFACES = (
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
)
# The URL that an image was downloaded from; Glance keeps it with the image.
ORIGIN = "stackwright_origin"
# What of an image is no property that somebody gave it.
_IMAGE_NAMES = """
id name status size virtual_size checksum os_hash_algo os_hash_value os_hidden owner visibility protected tags
min_disk min_ram disk_format container_format created_at updated_at self file schema locations direct_url stores
"""
_IMAGE_OWN = frozenset(_IMAGE_NAMES.split())

# Attributes by the option of the module, and what the API calls them.
ATTRIBUTES: Mapping[str, Mapping[str, str]] = {
    "flavor": {
        "vcpus": "vcpus",
        "ram": "ram",
        "disk": "disk",
        "ephemeral": "OS-FLV-EXT-DATA:ephemeral",
        "swap": "swap",
        "public": "os-flavor-access:is_public",
    },
    "keypair": {"public_key": "public_key"},
    "image": {
        name: name
        for name in ("disk_format", "container_format", "visibility", "min_disk", "min_ram", "protected")
    },
    "network": {
        "external": "router:external",
        "shared": "shared",
        "mtu": "mtu",
        "port_security": "port_security_enabled",
        "provider_network_type": "provider:network_type",
        "provider_physical_network": "provider:physical_network",
        "provider_segmentation_id": "provider:segmentation_id",
    },
    "subnet": {
        "network": "network_id",
        "cidr": "cidr",
        "gateway": "gateway_ip",
        "allocation_pools": "allocation_pools",
        "dns_nameservers": "dns_nameservers",
        "dhcp": "enable_dhcp",
    },
    "router": {"external_network": "external_gateway_info"},
    "security group": {"description": "description"},
}
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
    """ResourcesApi of a real cloud; ``api`` is for its Image and Network APIs."""

    def __init__(self, cloud: Cloud, api: Api) -> None:
        self._cloud = cloud
        self._api = api

    def read(self, desired: Desired) -> State:
        """See ``ResourcesApi``: one list of each kind that matters, and two requests for each project's quotas."""
        own = self._api.project_id
        projects: dict[str | None, ResourceID] = {None: own}
        for name in desired.projects:
            found = self._project(name)
            if found:
                projects[name] = found
        return State(projects, tuple(self._resources(desired, projects)))

    def _resources(
        self, desired: Desired, projects: Mapping[str | None, ResourceID]
    ) -> Iterator[CloudResource]:
        if desired.of("flavor"):
            yield from map(
                _flavor,
                pages(self._cloud, "/flavors/detail", "flavors", "id", {"is_public": "None"}, _MICROVERSION),
            )
        if desired.of("keypair"):
            reply = self._cloud.get("compute", "/os-keypairs", microversion=_MICROVERSION)
            yield from (_keypair(one["keypair"]) for one in reply["keypairs"])
        images = [spec.name for spec in desired.of("image")]
        if images:
            quoted = ",".join('"' + name.replace("\\", r"\\").replace('"', r"\"") + '"' for name in images)
            query = {"name": f"in:{quoted}", "visibility": "all", "limit": "1000"}
            yield from map(_image, self._get("image", "/images", query)["images"])
        yield from self._networking(desired)
        for project in dict.fromkeys(spec.project for spec in desired.of("security group")):
            if project in projects:
                # So asked, Neutron makes the default group of a project that has none yet.
                query = {"tenant_id": str(projects[project])}
                found = self._get("network", "/security-groups", query)["security_groups"]
                yield from map(_security_group, found)
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
        yield from map(_network, self._named("networks", networks))
        yield from map(_subnet, self._named("subnets", subnets))
        found = self._named("routers", [spec.name for spec in routers])
        legs = self._interfaces([one["id"] for one in found])
        yield from (_router(one, legs.get(one["id"], ())) for one in found)

    def _named(self, kind: str, names: Iterable[str]) -> list[dict[str, Any]]:
        """All of these names, in one list."""
        query = [("name", name) for name in dict.fromkeys(names) if name]
        return list(self._get("network", f"/{kind}", query)[kind]) if query else []

    def _interfaces(self, routers: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """By router, the subnets that it has interfaces in."""
        if not routers:
            return {}
        query = [("device_id", router) for router in routers]
        query += [("device_owner", owner) for owner in _INTERFACES]
        subnets: dict[str, tuple[str, ...]] = {}
        for port in self._get("network", "/ports", query)["ports"]:
            legs = tuple(address["subnet_id"] for address in port["fixed_ips"])
            subnets[port["device_id"]] = subnets.get(port["device_id"], ()) + legs
        return subnets

    def _project(self, name: str) -> str | None:
        """The ID of a project, by its name or its ID."""
        query = urlencode({"name": name})
        found = [one["id"] for one in self._cloud.get("identity", f"/projects?{query}")["projects"]]
        if len(found) > 1:
            remedy = "Give the ID of the one that is meant"
            raise CollectionError("find", "project", name, _several(found), remedy, code="duplicate")
        if found:
            return str(found[0])
        try:
            return str(self._cloud.get("identity", f"/projects/{quote(name, safe='')}")["project"]["id"])
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise
            return None

    def _quota(self, project: str, services: Collection[str]) -> CloudResource:
        limits: dict[str, Any] = {}
        if "compute" in services:
            path = f"/os-quota-sets/{project}"
            limits["compute"] = self._cloud.get("compute", path, microversion=_MICROVERSION)["quota_set"]
        if "network" in services:
            limits["network"] = self._get("network", f"/quotas/{project}", {})["quota"]
        return CloudResource("quota", project, "", project, limits)

    def create(self, kind: str, name: str, project: str | None, attributes: Mapping[str, Any]) -> str:
        """See ``ResourcesApi``."""
        if kind == "flavor":
            return self._create_flavor(name, attributes)
        body = {"name": name, **_reworded(kind, attributes)}
        if kind == "keypair":
            keypair = {"keypair": {**body, "type": "ssh"}}
            self._compute("POST", "/os-keypairs", f"keypair {name}", json=keypair)
            return name
        if kind == "image":
            owner = {} if project is None else {"owner": project}
            return str(self._send("POST", "image", "/images", f"image {name}", json={**body, **owner})["id"])
        if kind == "subnet":
            body["ip_version"] = 6 if ":" in body["cidr"] else 4
        if project is not None:
            body["project_id"] = project
        key = kind.replace(" ", "_")
        reply = self._send(
            "POST", "network", f"/{kind.replace(' ', '-')}s", f"{kind} {name}", json={key: body}
        )
        return str(reply[key]["id"])

    def _create_flavor(self, name: str, attributes: Mapping[str, Any]) -> str:
        body = {"name": name, **_reworded("flavor", {**_FLAVOR_DEFAULTS, **attributes})}
        reply = self._compute("POST", "/flavors", f"flavor {name}", json={"flavor": body})
        created = str(reply["flavor"]["id"])
        specs = {key: value for key, value in attributes.get("extra_specs", {}).items() if value is not None}
        if specs:
            self._set_extra_specs(created, name, specs)
        return created

    def update(self, kind: str, id: str, name: str, attributes: Mapping[str, Any]) -> None:
        """See ``ResourcesApi``."""
        if kind == "flavor":
            specs = attributes["extra_specs"]
            given = {key: value for key, value in specs.items() if value is not None}
            if given:
                self._set_extra_specs(id, name, given)
            for key in specs.keys() - given.keys():
                path = f"/flavors/{id}/os-extra_specs/{quote(key, safe='')}"
                self._compute("DELETE", path, f"extra spec {key} of flavor {name}")
        elif kind == "image":
            headers = {"Content-Type": _PATCH_TYPE}
            patches = list(_patches(attributes))
            self._send("PATCH", "image", f"/images/{id}", f"image {name}", json=patches, headers=headers)
        else:
            path = f"/{kind.replace(' ', '-')}s/{id}"
            body = {kind.replace(" ", "_"): _reworded(kind, attributes)}
            self._send("PUT", "network", path, f"{kind} {name}", json=body)

    def delete(self, kind: str, id: str, name: str) -> None:
        """See ``ResourcesApi``."""
        subject = f"{kind} {name}"
        try:
            if kind in ("flavor", "keypair"):
                path = f"/flavors/{id}" if kind == "flavor" else f"/os-keypairs/{quote(id, safe='')}"
                self._compute("DELETE", path, subject)
            else:
                service = "image" if kind == "image" else "network"
                self._send("DELETE", service, f"/{kind.replace(' ', '-')}s/{id}", subject)
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise

    def upload(self, id: str, name: str, content: BinaryIO) -> None:
        """See ``ResourcesApi``."""
        headers = {"Content-Type": "application/octet-stream"}
        subject = f"content of image {name}"
        self._send("PUT", "image", f"/images/{id}/file", subject, data=content, headers=headers)

    def attach(self, router: str, name: str, subnet: str) -> None:
        """See ``ResourcesApi``."""
        self._interface("add", router, name, subnet)

    def detach(self, router: str, name: str, subnet: str) -> None:
        """See ``ResourcesApi``."""
        try:
            self._interface("remove", router, name, subnet)
        except ApiError as error:
            if error.status != _NOT_FOUND:
                raise

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
        self._send("POST", "network", path, subject, json={"security_group_rule": body})

    def delete_rule(self, group: str, name: str, rule: Rule) -> None:
        """See ``ResourcesApi``; Neutron makes rules of its own with a group, whose IDs nobody knows before."""
        path, subject = "/security-group-rules", f"rule of security group {name}"
        for one in self._get("network", path, {"security_group_id": group})["security_group_rules"]:
            if Rule.reported(one) == rule:
                self._send("DELETE", "network", f"{path}/{one['id']}", subject)

    def set_quota(self, service: str, project: str, name: str, limits: Mapping[str, int]) -> None:
        """See ``ResourcesApi``."""
        if service == "compute":
            self._compute(
                "PUT", f"/os-quota-sets/{project}", f"quota {name}", json={"quota_set": dict(limits)}
            )
        else:
            self._send("PUT", "network", f"/quotas/{project}", f"quota {name}", json={"quota": dict(limits)})

    def _set_extra_specs(self, flavor: str, name: str, specs: Mapping[str, str]) -> None:
        subject = f"extra specs of flavor {name}"
        self._compute("POST", f"/flavors/{flavor}/os-extra_specs", subject, json={"extra_specs": dict(specs)})

    def _interface(self, verb: str, router: str, name: str, subnet: str) -> None:
        path, subject = f"/routers/{router}/{verb}_router_interface", f"interface of router {name}"
        self._send("PUT", "network", path, subject, json={"subnet_id": subnet})

    def _get(self, service: str, path: str, query: Any) -> Any:
        return self._send("GET", service, f"{path}?{urlencode(query)}" if query else path, path.strip("/"))

    def _send(self, method: str, service: str, path: str, subject: str, **options: Any) -> Any:
        return self._api.request(method, service, path, subject=subject, **options)

    def _compute(self, method: str, path: str, subject: str, **options: Any) -> Any:
        return self._cloud.request(
            method, "compute", path, subject=subject, microversion=_MICROVERSION, **options
        )


def _several(ids: Sequence[str]) -> str:
    return f"there are {len(ids)} of that name ({', '.join(ids)})"


def _reworded(kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes under the names of the API, in its words."""
    names = ATTRIBUTES[kind]
    body = {names[key]: value for key, value in attributes.items() if key in names}
    if "gateway_ip" in body:
        body["gateway_ip"] = body["gateway_ip"] or None
    if "allocation_pools" in body:
        ranges = [pool.split("-") for pool in body["allocation_pools"]]
        body["allocation_pools"] = [{"start": start, "end": end} for start, end in ranges]
    if "external_gateway_info" in body:
        network = body["external_gateway_info"]
        body["external_gateway_info"] = {"network_id": network} if network else {}
    if kind == "image":
        body.update(
            (key, value) for key, value in attributes.get("properties", {}).items() if value is not None
        )
    return body


def _patches(attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A JSON patch of an image; "add" replaces what is there already."""
    changes = {**attributes, **attributes.get("properties", {})}
    changes.pop("properties", None)
    for key, value in changes.items():
        path = "/" + key.replace("~", "~0").replace("/", "~1")
        yield {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}


def _attributes(kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the API says, under the names of the module's options. Not everybody is told of provider attributes."""
    return {option: found[name] for option, name in ATTRIBUTES[kind].items() if name in found}


def _flavor(found: Mapping[str, Any]) -> CloudResource:
    attributes = _attributes("flavor", found)
    # Nova says "" for no swap.
    attributes["swap"] = attributes["swap"] or 0
    attributes["extra_specs"] = found.get("extra_specs", {})
    return CloudResource("flavor", found["id"], found["name"], None, attributes)


def _keypair(found: Mapping[str, Any]) -> CloudResource:
    key = " ".join(found["public_key"].split()[:2])
    return CloudResource("keypair", found["name"], found["name"], None, {"public_key": key})


def _image(found: Mapping[str, Any]) -> CloudResource:
    properties = {key: value for key, value in found.items() if key not in _IMAGE_OWN}
    digests = {"md5": found.get("checksum"), found.get("os_hash_algo"): found.get("os_hash_value")}
    content = ImageContent(
        found["status"],
        found["size"],
        {name: digest for name, digest in digests.items() if name and digest},
        str(properties.get(ORIGIN, "")),
    )
    attributes = {**_attributes("image", found), "properties": properties}
    return CloudResource("image", found["id"], found["name"], found["owner"], attributes, content=content)


def _network(found: Mapping[str, Any]) -> CloudResource:
    return _networking_resource("network", found, _attributes("network", found))


def _subnet(found: Mapping[str, Any]) -> CloudResource:
    attributes = _attributes("subnet", found)
    attributes["gateway"] = attributes["gateway"] or ""
    pools = attributes["allocation_pools"]
    attributes["allocation_pools"] = sorted(f"{pool['start']}-{pool['end']}" for pool in pools)
    return _networking_resource("subnet", found, attributes)


def _router(found: Mapping[str, Any], subnets: Sequence[str]) -> CloudResource:
    gateway = found["external_gateway_info"] or {}
    attributes = {"external_network": gateway.get("network_id") or ""}
    return _networking_resource("router", found, attributes, subnets=tuple(subnets))


def _security_group(found: Mapping[str, Any]) -> CloudResource:
    rules = {Rule.reported(rule): rule["id"] for rule in found["security_group_rules"]}
    attributes = {"description": found["description"]}
    return _networking_resource("security group", found, attributes, rules=rules)


def _networking_resource(
    kind: str, found: Mapping[str, Any], attributes: Mapping[str, Any], **parts: Any
) -> CloudResource:
    return CloudResource(kind, found["id"], found["name"], found["project_id"], attributes, **parts)
