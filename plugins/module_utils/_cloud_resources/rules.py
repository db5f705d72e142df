# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules of security groups, so that two that mean the same are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

# Neutron keeps a protocol as it was given; these name the same ones.
_PROTOCOLS = {
    "1": "icmp",
    "6": "tcp",
    "17": "udp",
    "58": "ipv6-icmp",
    "icmpv6": "ipv6-icmp",
    "any": "",
    "0": "",
}
_HIGHEST_PORT = 65535


@dataclass(frozen=True)
class Rule:
    """What a rule allows. ``protocol`` and ``remote_ip`` "" is any; the ports are None for all.

    ``remote_group`` is the ID of a group whose instances alone are meant, as in the rules of each default group.
    """

    direction: str
    ethertype: str
    protocol: str = ""
    first_port: int | None = None
    last_port: int | None = None
    remote_ip: str = ""
    remote_group: str = ""

    @classmethod
    def parsed(
        cls,
        direction: str,
        ethertype: str | None,
        protocol: str | None,
        ports: str | None,
        remote_ip: str | None,
    ) -> Rule:
        """From a module's options. Raises ValueError that says what is wrong."""
        network = ip_network(remote_ip) if remote_ip else None
        version = f"IPv{network.version}" if network else "IPv4"
        if network and ethertype and ethertype != version:
            raise ValueError(f"{remote_ip} is no address of {ethertype}")
        first, last = _parsed_ports(ports) if ports else (None, None)
        protocol = _protocol(protocol)
        if first is not None and protocol in ("", "icmp", "ipv6-icmp"):
            raise ValueError(f"ports {ports} are given without a protocol that has ports")
        return cls(direction, ethertype or version, protocol, first, last, _remote_ip(remote_ip))

    @classmethod
    def reported(cls, rule: Mapping[str, Any]) -> Rule:
        """From what Neutron says."""
        return cls(
            rule["direction"],
            rule["ethertype"],
            _protocol(rule["protocol"]),
            rule["port_range_min"],
            rule["port_range_max"],
            _remote_ip(rule["remote_ip_prefix"]),
            rule["remote_group_id"] or "",
        )

    @property
    def ports(self) -> str:
        """As a person writes them."""
        if self.first_port is None:
            return ""
        return f"{self.first_port}" + (f"-{self.last_port}" if self.last_port != self.first_port else "")

    def __str__(self) -> str:
        words = [self.direction, self.ethertype, self.protocol or "any", self.ports, self.remote_ip]
        return " ".join(filter(None, words))


# What Neutron makes with each security group.
NEW_GROUP_RULES = (Rule("egress", "IPv4"), Rule("egress", "IPv6"))


def _parsed_ports(ports: str) -> tuple[int, int]:
    first, dash, last = ports.partition("-")
    if not (first.strip().isdigit() and (last.strip().isdigit() or not dash)):
        raise ValueError(f"ports {ports} are no numbers")
    low, high = int(first), int(last or first)
    if not 0 < low <= high <= _HIGHEST_PORT:
        raise ValueError(f"ports {ports} are not between 1 and {_HIGHEST_PORT}, the lower one first")
    return low, high


def _protocol(protocol: str | None) -> str:
    name = (protocol or "").lower()
    return _PROTOCOLS.get(name, name)


def _remote_ip(address: str | None) -> str:
    """Neutron takes all addresses of a kind for none in particular."""
    if not address:
        return ""
    network = ip_network(address, strict=False)
    return str(network) if network.prefixlen else ""
