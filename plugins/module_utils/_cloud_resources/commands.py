# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person would type for each step, with the openstack client."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from .parameters import ResourceSpec
from .rules import Rule

# Options whose name in the client is another than here; of truth values, the words for yes and no.
_OPTIONS: Mapping[str, str] = {
    "provider_network_type": "provider-network-type",
    "provider_physical_network": "provider-physical-network",
    "provider_segmentation_id": "provider-segment",
    "cidr": "subnet-range",
    "allocation_pools": "allocation-pool",
    "dns_nameservers": "dns-nameserver",
    "extra_specs": "property",
    "properties": "property",
    "external_network": "external-gateway",
    "container_format": "container-format",
    "disk_format": "disk-format",
    "min_disk": "min-disk",
    "min_ram": "min-ram",
}
_YES_OR_NO: Mapping[str, tuple[str, str]] = {
    "public": ("--public", "--private"),
    "external": ("--external", "--internal"),
    "shared": ("--share", "--no-share"),
    "port_security": ("--enable-port-security", "--disable-port-security"),
    "dhcp": ("--dhcp", "--no-dhcp"),
    "protected": ("--protected", "--unprotected"),
}
# Options that hold lists, and how the client empties them.
_LISTS: Mapping[str, str] = {
    "allocation_pools": "allocation-pool",
    "dns_nameservers": "dns-nameservers",
}
# What limits are called on the command line.
_QUOTAS: Mapping[str, str] = {
    "floatingip": "floating-ips",
    "network": "networks",
    "port": "ports",
    "router": "routers",
    "subnet": "subnets",
    "security_group": "secgroups",
    "security_group_rule": "secgroup-rules",
    "metadata_items": "properties",
}


def create(spec: ResourceSpec, attributes: Mapping[str, Any]) -> list[str]:
    """Make something; ``attributes`` have names where the APIs have IDs."""
    words = [*_project(spec), *_words(attributes), spec.name]
    if spec.kind == "router":
        # Older clients set the gateway only of a router that is there.
        gateway = [] if not attributes.get("external_network") else [change(spec, attributes)[0]]
        return [_openstack("router create", *_project(spec), spec.name), *gateway]
    if spec.kind == "keypair":
        path = spec.key_file or "/dev/stdin"
        return [_openstack("keypair create", f"--public-key={path}", spec.name)]
    if spec.source and spec.source.url:
        file = spec.source.url.rstrip("/").rpartition("/")[2]
        return [
            shlex.join(["curl", "--location", "--remote-name", spec.source.url]),
            _openstack("image create", f"--file={file}", *words),
        ]
    if spec.source:
        return [_openstack("image create", f"--file={spec.source.file}", *words)]
    return [_openstack(f"{spec.kind} create", *words)]


def change(spec: ResourceSpec, attributes: Mapping[str, Any]) -> list[str]:
    """Change some attributes of something."""
    removed = [
        f"--property={key}"
        for option in ("extra_specs", "properties")
        for key, value in attributes.get(option, {}).items()
        if value is None
    ]
    if attributes.get("external_network") == "":
        removed.append("--external-gateway")
    # The client adds to a list that is there.
    words = [f"--no-{name}" for option, name in _LISTS.items() if option in attributes]
    words += _words(attributes)
    return [
        *([_openstack(f"{spec.kind} set", *words, spec.name)] if words else []),
        *([_openstack(f"{spec.kind} unset", *removed, spec.name)] if removed else []),
    ]


def delete(kind: str, name: str) -> list[str]:
    """Delete something."""
    return [_openstack(f"{kind} delete", name)]


def interface(verb: str, router: str, subnet: str) -> list[str]:
    """Give a router an interface ("add"), or take it away ("remove")."""
    return [_openstack(f"router {verb} subnet", router, subnet)]


def create_rule(group: str, rule: Rule) -> list[str]:
    """Add a rule to a security group."""
    words = [f"--{rule.direction}", f"--ethertype={rule.ethertype}", f"--protocol={rule.protocol or 'any'}"]
    words += [f"--dst-port={rule.ports.replace('-', ':')}"] if rule.ports else []
    words += [f"--remote-ip={rule.remote_ip}"] if rule.remote_ip else []
    return [_openstack("security group rule create", *words, group)]


def delete_rule(id: str) -> list[str]:
    """Delete a rule of a security group."""
    return [_openstack("security group rule delete", id)]


def set_quota(project: str, limits: Mapping[str, int]) -> list[str]:
    """Set limits of a project."""
    words = [f"--{_QUOTAS.get(key, key.replace('_', '-'))}={value}" for key, value in limits.items()]
    return [_openstack("quota set", *words, project)]


def _words(attributes: Mapping[str, Any]) -> Iterator[str]:
    for option, value in attributes.items():
        if option in _YES_OR_NO:
            yield _YES_OR_NO[option][not value]
        elif option == "visibility":
            yield f"--{value}"
        elif option == "external_network" and not value:
            continue
        elif option == "allocation_pools":
            yield from (f"--allocation-pool=start={pool.replace('-', ',end=')}" for pool in value)
        else:
            name = _OPTIONS.get(option, option)
            values = value if isinstance(value, (list, tuple)) else [value]
            if isinstance(value, Mapping):
                values = [f"{key}={text}" for key, text in value.items() if text is not None]
            yield from (
                f"--{name}={one or 'none'}" if option == "gateway" else f"--{name}={one}" for one in values
            )


def _project(spec: ResourceSpec) -> list[str]:
    return [] if spec.project is None else [f"--project={spec.project}"]


def _openstack(words: str, *options: str) -> str:
    return f"openstack {words} {shlex.join(options)}"
