# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources as the APIs write them, and as the module names them: pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .rules import Rule
from .state import CloudResource, ImageContent

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


def reworded(kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
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


def patches(attributes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A JSON patch of an image; "add" replaces what is there already."""
    changes = {**attributes, **attributes.get("properties", {})}
    changes.pop("properties", None)
    for key, value in changes.items():
        path = "/" + key.replace("~", "~0").replace("/", "~1")
        yield {"op": "remove", "path": path} if value is None else {"op": "add", "path": path, "value": value}


def _attributes(kind: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """What the API says, under the names of the module's options. Not everybody sees provider attributes."""
    return {option: found[name] for option, name in ATTRIBUTES[kind].items() if name in found}


def flavor(found: Mapping[str, Any]) -> CloudResource:
    """Nova's flavor as a resource."""
    attributes = _attributes("flavor", found)
    # Nova says "" for no swap.
    attributes["swap"] = attributes["swap"] or 0
    attributes["extra_specs"] = found.get("extra_specs", {})
    return CloudResource("flavor", found["id"], found["name"], None, attributes)


def keypair(found: Mapping[str, Any]) -> CloudResource:
    """Nova's key pair as a resource."""
    key = " ".join(found["public_key"].split()[:2])
    return CloudResource("keypair", found["name"], found["name"], None, {"public_key": key})


def image(found: Mapping[str, Any]) -> CloudResource:
    """Glance's image as a resource."""
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


def network(found: Mapping[str, Any]) -> CloudResource:
    """Neutron's network as a resource."""
    return _networking_resource("network", found, _attributes("network", found))


def subnet(found: Mapping[str, Any]) -> CloudResource:
    """Neutron's subnet as a resource."""
    attributes = _attributes("subnet", found)
    attributes["gateway"] = attributes["gateway"] or ""
    pools = attributes["allocation_pools"]
    attributes["allocation_pools"] = sorted(f"{pool['start']}-{pool['end']}" for pool in pools)
    return _networking_resource("subnet", found, attributes)


def router(found: Mapping[str, Any], subnets: Sequence[str]) -> CloudResource:
    """Neutron's router as a resource, with the subnets that it has interfaces in."""
    gateway = found["external_gateway_info"] or {}
    attributes = {"external_network": gateway.get("network_id") or ""}
    return _networking_resource("router", found, attributes, subnets=tuple(subnets))


def security_group(found: Mapping[str, Any]) -> CloudResource:
    """Neutron's security group as a resource, with its rules."""
    rules = {Rule.reported(rule): rule["id"] for rule in found["security_group_rules"]}
    attributes = {"description": found["description"]}
    return _networking_resource("security group", found, attributes, rules=rules)


def _networking_resource(
    kind: str, found: Mapping[str, Any], attributes: Mapping[str, Any], **parts: Any
) -> CloudResource:
    return CloudResource(kind, found["id"], found["name"], found["project_id"], attributes, **parts)
