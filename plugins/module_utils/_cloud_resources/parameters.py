# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of cloud_resources: what there should be of each kind, in words that all kinds share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, Callable

from .._clients import openstack
from .._engine.errors import CollectionError
from .rules import Rule

_NAME = {"name": {"type": "str", "required": True}}
_STATE = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}
_PROJECT = {"project": {"type": "str"}}
_RECREATE = {"recreate": {"type": "bool", "default": False}}

_OPTIONS: dict[str, dict[str, Any]] = {
    "quotas": {"compute": {"type": "dict"}, "network": {"type": "dict"}, **_PROJECT},
    "flavors": {
        "vcpus": {"type": "int"},
        "ram": {"type": "int"},
        "disk": {"type": "int"},
        "ephemeral": {"type": "int"},
        "swap": {"type": "int"},
        "public": {"type": "bool"},
        "extra_specs": {"type": "dict"},
        **_RECREATE,
    },
    "keypairs": {
        # A public key is no secret.
        "public_key": {"type": "str", "no_log": False},
        "public_key_file": {"type": "path", "no_log": False},
        **_RECREATE,
    },
    "images": {
        "file": {"type": "path"},
        "url": {"type": "str"},
        "checksum": {"type": "str"},
        "disk_format": {"type": "str"},
        "container_format": {"type": "str"},
        "visibility": {"type": "str", "choices": ["public", "private", "shared", "community"]},
        "min_disk": {"type": "int"},
        "min_ram": {"type": "int"},
        "protected": {"type": "bool"},
        "properties": {"type": "dict"},
        **_PROJECT,
        **_RECREATE,
    },
    "networks": {
        "external": {"type": "bool"},
        "shared": {"type": "bool"},
        "mtu": {"type": "int"},
        "port_security": {"type": "bool"},
        "provider_network_type": {"type": "str"},
        "provider_physical_network": {"type": "str"},
        "provider_segmentation_id": {"type": "int"},
        **_PROJECT,
    },
    "subnets": {
        "network": {"type": "str"},
        "cidr": {"type": "str"},
        "gateway": {"type": "str"},
        "allocation_pools": {
            "type": "list",
            "elements": "dict",
            "options": {
                "start": {"type": "str", "required": True},
                "end": {"type": "str", "required": True},
            },
        },
        "dns_nameservers": {"type": "list", "elements": "str"},
        "dhcp": {"type": "bool"},
        **_PROJECT,
    },
    "routers": {
        "external_network": {"type": "str"},
        "subnets": {"type": "list", "elements": "str"},
        **_PROJECT,
    },
    "security_groups": {
        "name": {"type": "str", "default": "default"},
        "description": {"type": "str"},
        "rules": {
            "type": "list",
            "elements": "dict",
            "options": {
                "direction": {"type": "str", "choices": ["ingress", "egress"], "default": "ingress"},
                "ethertype": {"type": "str", "choices": ["IPv4", "IPv6"]},
                "protocol": {"type": "str"},
                "ports": {"type": "str"},
                "remote_ip": {"type": "str"},
                **_STATE,
            },
        },
        **_PROJECT,
    },
}
_EXCLUSIVE = {"keypairs": [["public_key", "public_key_file"]], "images": [["file", "url"]]}

# Option to kind, in the order in which things need each other.
KINDS: Mapping[str, str] = {
    option: option.replace("_", " ")[:-1] for option in _OPTIONS
}  # "security_groups": "security group"
QUOTA = KINDS["quotas"]


def _list_of(option: str) -> dict[str, Any]:
    named = {} if option == "quotas" else {**_NAME, **_STATE}
    return {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {**named, **_OPTIONS[option]},
        # A public key is no secret.
        "no_log": False,
        **({"mutually_exclusive": _EXCLUSIVE[option]} if option in _EXCLUSIVE else {}),
    }


ARGUMENTS: dict[str, Any] = {**openstack.ARGUMENTS, **{option: _list_of(option) for option in _OPTIONS}}


@dataclass(frozen=True)
class ImageSource:
    """Where an image's content is: a file of this host or a URL; ``checksum`` is "algorithm:digest" or ""."""

    file: str = ""
    url: str = ""
    checksum: str = ""

    def __str__(self) -> str:
        return self.file or self.url


@dataclass(frozen=True)
class ResourceSpec:
    """One thing that there should be, or with ``present`` False should not.

    ``project``: name or ID of the project that has it, None for the one that the module logs in to. ``attributes``
    are those that were given, under the names of the module's options; others are left alone. ``rules`` (of a
    security group) have each whether it should be there. ``recreate``: what cannot be changed may be deleted and
    recreated.
    """

    kind: str
    name: str
    project: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    present: bool = True
    recreate: bool = False
    source: ImageSource | None = None
    key_file: str = ""
    subnets: tuple[str, ...] = ()
    rules: tuple[tuple[Rule, bool], ...] = ()

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True)
class Desired:
    """All that the task names, in the order in which things need each other."""

    specs: tuple[ResourceSpec, ...] = ()

    def of(self, *kinds: str) -> list[ResourceSpec]:
        """Those of some kinds."""
        return [spec for spec in self.specs if spec.kind in kinds]

    @property
    def projects(self) -> list[str]:
        """The projects that are named, each once."""
        return list(dict.fromkeys(spec.project for spec in self.specs if spec.project is not None))


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as Desired. Raises CollectionError for what is named twice and for what cannot be read."""
    specs = tuple(_specs(params))
    places = set()
    for spec in specs:
        place = spec.kind, spec.project, spec.name
        if place in places:
            raise _invalid(spec.kind, spec.name, "it is listed twice", "List it once")
        places.add(place)
    return Desired(specs)


def _specs(params: Mapping[str, Any]) -> Iterator[ResourceSpec]:
    for option, kind in KINDS.items():
        for item in params[option]:
            yield _spec(option, kind, item)


def _spec(option: str, kind: str, item: Mapping[str, Any]) -> ResourceSpec:
    name = item["project"] or "of this project" if kind == QUOTA else item["name"]
    if not name.strip():
        raise _invalid(kind, name, "it has no name", "Give it one")
    common = {"name", "project", "state", "recreate"}
    given = {key: value for key, value in item.items() if key not in common and value is not None}
    convert = _CONVERSIONS.get(option, lambda name, given: {"attributes": given})
    return ResourceSpec(
        kind,
        name,
        item.get("project"),
        present=item.get("state", "present") == "present",
        recreate=item.get("recreate", False),
        **convert(name, given),
    )


def _flavor(name: str, given: dict[str, Any]) -> dict[str, Any]:
    return {
        "attributes": {key: _texts(value) if key == "extra_specs" else value for key, value in given.items()}
    }


def _keypair(name: str, given: dict[str, Any]) -> dict[str, Any]:
    file = given.pop("public_key_file", "")
    if "public_key" in given:
        given["public_key"] = bare_key(given["public_key"])
    return {"attributes": given, "key_file": file}


def bare_key(text: str) -> str:
    """Type and value of a public key in OpenSSH's format, without the comment."""
    return " ".join(text.split()[:2])


def _image(name: str, given: dict[str, Any]) -> dict[str, Any]:
    source = ImageSource(*(given.pop(key, "") for key in ("file", "url", "checksum")))
    if source.checksum and not source.url:
        raise _invalid("image", name, "a checksum is for what is downloaded", "Give a url with it")
    if source.checksum and not all(source.checksum.partition(":")):
        raise _invalid("image", name, "its checksum is not algorithm:digest", "Write it as sha256:0123abcd")
    if source.url and not source.url.startswith(("http://", "https://")):
        raise _invalid(
            "image", name, "its url is not one of HTTP", "Give a URL with http or https, or a file"
        )
    if "properties" in given:
        given["properties"] = _texts(given["properties"])
    return {"attributes": given, "source": source if str(source) else None}


def _subnet(name: str, given: dict[str, Any]) -> dict[str, Any]:
    if "cidr" in given:
        given["cidr"] = _address(name, "cidr", given["cidr"], ip_network)
    if given.get("gateway"):
        given["gateway"] = _address(name, "gateway", given["gateway"], ip_address)
    if "dns_nameservers" in given:
        given["dns_nameservers"] = [
            _address(name, "dns_nameservers", value, ip_address) for value in given["dns_nameservers"]
        ]
    if "allocation_pools" in given:
        given["allocation_pools"] = sorted(
            f"{_address(name, 'allocation_pools', pool['start'], ip_address)}"
            f"-{_address(name, 'allocation_pools', pool['end'], ip_address)}"
            for pool in given["allocation_pools"]
        )
    return {"attributes": given}


def _router(name: str, given: dict[str, Any]) -> dict[str, Any]:
    subnets = tuple(dict.fromkeys(given.pop("subnets", ())))
    return {"attributes": given, "subnets": subnets}


def _security_group(name: str, given: dict[str, Any]) -> dict[str, Any]:
    rules = tuple(_rules(name, given.pop("rules", ())))
    if len({rule for rule, _present in rules}) < len(rules):
        raise _invalid("security group", name, "it lists a rule twice", "List each rule once")
    return {"attributes": given, "rules": rules}


def _rules(name: str, rules: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Rule, bool]]:
    for rule in rules:
        try:
            yield (
                Rule.parsed(
                    rule["direction"], rule["ethertype"], rule["protocol"], rule["ports"], rule["remote_ip"]
                ),
                rule["state"] == "present",
            )
        except ValueError as error:
            remedy = "Write ports as 22 or 8000-8010, with a protocol, and remote_ip as 192.0.2.0/24"
            raise _invalid("security group", name, str(error), remedy) from error


def _quota(name: str, given: dict[str, Any]) -> dict[str, Any]:
    try:
        return {
            "attributes": {
                service: {key: int(value) for key, value in limits.items()}
                for service, limits in given.items()
            }
        }
    except (TypeError, ValueError) as error:
        raise _invalid("quota", name, "a limit is no number", "Give a number; -1 is no limit") from error


_CONVERSIONS: Mapping[str, Callable[[str, dict[str, Any]], dict[str, Any]]] = {
    "flavors": _flavor,
    "keypairs": _keypair,
    "images": _image,
    "subnets": _subnet,
    "routers": _router,
    "security_groups": _security_group,
    "quotas": _quota,
}


def _texts(values: Mapping[str, Any]) -> dict[str, str | None]:
    """Values as the APIs keep them: texts; None is for one that shall not be there."""
    return {
        key: value if value is None else str(value).lower() if isinstance(value, bool) else str(value)
        for key, value in values.items()
    }


def _address(name: str, option: str, value: str, parse: Callable[[str], Any]) -> str:
    try:
        return str(parse(value))
    except ValueError as error:
        raise _invalid("subnet", name, f"{option}: {error}", "Correct it") from error


def _invalid(kind: str, name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("make", kind, name, cause, remedy, code="invalid")
