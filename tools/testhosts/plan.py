"""The address plan: which lab has which networks and which host has which address. Pure."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from .errors import HostsError

FIXED_OCTETS = {"local": 77, "molecule": 78, "integration": 79}
FREE_OCTETS = range(80, 250)
CACHE_ADDRESS = "172.31.76.1"
FIRST_CONTROLLER = 11
OTHER_OCTETS = range(101, 251)
CONTROLLERS = 9
COMPUTES = 80
LINK_NAME_LENGTH = 15
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True)
class Network:
    """One network of a lab: a bridge on this machine with the gateway's address."""

    bridge: str
    prefix: str

    @property
    def gateway(self) -> str:
        """The machine's own address on the network."""
        return f"{self.prefix}.1"

    @property
    def subnet(self) -> str:
        """The network in CIDR notation."""
        return f"{self.prefix}.0/24"


@dataclass(frozen=True)
class Lab:
    """A named set of hosts with a management and a provider network."""

    name: str
    octet: int

    @property
    def management(self) -> Network:
        """The network with the hosts' addresses."""
        return Network(link_name("sw-", self.name), f"172.31.{self.octet}")

    @property
    def provider(self) -> Network:
        """The network that Neutron may hand out; hosts have no address there."""
        return Network(link_name("swp-", self.name), f"172.30.{self.octet}")


def check_name(thing: str, name: str) -> None:
    """Refuse names that cannot be host names, directory names and parts of network names at once."""
    if not _NAME.fullmatch(name):
        cause = "the name is not made of a-z, 0-9 and inner hyphens, 1 to 40 of them"
        raise HostsError("use", thing, repr(name), cause, f"Choose another name for the {thing}")


def choose_octet(name: str, taken: Mapping[str, int]) -> int:
    """The third octet of a lab's networks: fixed, else from the name, else the next one nobody has."""
    if name in FIXED_OCTETS:
        return FIXED_OCTETS[name]
    used = {octet for lab, octet in taken.items() if lab != name}
    start = int(_digest(name), 16) % len(FREE_OCTETS)
    for step in range(len(FREE_OCTETS)):
        octet = FREE_OCTETS[(start + step) % len(FREE_OCTETS)]
        if octet not in used:
            return octet
    raise HostsError(
        "create",
        "lab",
        name,
        f"all {len(FREE_OCTETS)} networks are taken",
        "Remove a lab with `tools/hosts down LAB`",
    )


def choose_address(lab: Lab, host: str, taken: Collection[str]) -> str:
    """A host's address: fixed for controllerN and computeN, else the first free from .101."""
    octet = _fixed_octet(host)
    if octet and f"{lab.management.prefix}.{octet}" in taken:
        raise HostsError(
            "create",
            "host",
            host,
            f"another host of lab {lab.name} has its address {lab.management.prefix}.{octet}",
            f"Find it with `tools/hosts list`, remove it with `tools/hosts down {lab.name} NAME`",
        )
    if not octet:
        free = (n for n in OTHER_OCTETS if f"{lab.management.prefix}.{n}" not in taken)
        octet = next(free, 0)
    if not octet:
        raise HostsError(
            "create",
            "host",
            host,
            f"lab {lab.name} has no free address",
            f"Remove a host with `tools/hosts down {lab.name} NAME`",
        )
    return f"{lab.management.prefix}.{octet}"


def _fixed_octet(host: str) -> int:
    """The last octet of a host whose name says which one it is, else 0."""
    match = re.fullmatch(r"(controller|compute)([1-9][0-9]?)", host)
    kind, number = (match[1], int(match[2])) if match else ("", 0)
    if kind == "controller" and number <= CONTROLLERS:
        # The first one keeps its place before the compute hosts; the others fit between it and the gateway.
        return FIRST_CONTROLLER if number == 1 else number
    if kind == "compute" and number <= COMPUTES:
        return FIRST_CONTROLLER + number
    return 0


def link_name(prefix: str, name: str) -> str:
    """A network device name for a lab: readable when it fits the kernel's limit, unique when it does not."""
    plain = prefix + name
    if len(plain) <= LINK_NAME_LENGTH:
        return plain
    return f"{plain[: LINK_NAME_LENGTH - 6]}~{_digest(name)[:5]}"


def veth_name(lab: str, host: str, kind: str) -> str:
    """The machine's end of a host's cable; kind is m (management) or p (provider)."""
    return f"sw{kind}{_digest(f'{lab}/{host}')[:10]}"


def mac_address(lab: str, host: str, kind: str) -> str:
    """A locally administered address that stays the same when a host is made again."""
    digest = _digest(f"{lab}/{host}/{kind}")
    return ":".join(["02", *(digest[i : i + 2] for i in range(0, 10, 2))])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
