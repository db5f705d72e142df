# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``firewall_access``."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    "openings": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "protocol": {"type": "str", "choices": ["tcp", "udp"], "default": "tcp"},
            "ports": {"type": "list", "elements": "int", "required": True},
            "sources": {"type": "list", "elements": "str", "required": True},
        },
    },
    "timeout": {"type": "float", "default": 60},
}

# Of comments in rules, which are in quotes and short.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}")
_PORTS = range(1, 65536)


@dataclass(frozen=True)
class Opening:
    """Ports that some hosts reach: ``ipv4`` and ``ipv6`` are their addresses or networks, in their order."""

    name: str
    protocol: str
    ports: tuple[int, ...]
    ipv4: tuple[str, ...] = ()
    ipv6: tuple[str, ...] = ()

    def sources(self, family: str) -> tuple[str, ...]:
        """Those of one family."""
        return self.ipv4 if family == "ipv4" else self.ipv6


@dataclass(frozen=True)
class Desired:
    """All that is to be open for somebody; openings without ports or hosts are left out."""

    openings: tuple[Opening, ...]


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments; CollectionError for what is no port, no address or no name of a rule."""
    described = tuple(_opening(**one) for one in params["openings"])
    return Desired(tuple(one for one in described if one.ports and (one.ipv4 or one.ipv6)))


def _opening(name: str, protocol: str, ports: Iterable[int], sources: Iterable[str]) -> Opening:
    if not _NAME.fullmatch(name):
        raise _refused("name", repr(name), "rules cannot have it in their comment", "Use letters and digits")
    numbers = sorted({*ports})
    for number in numbers:
        if number not in _PORTS:
            raise _refused("port", str(number), "there is no such port", "Give one from 1 to 65535")
    networks = sorted({_network(source) for source in sources}, key=lambda one: (one.version, one))
    return Opening(
        name,
        protocol,
        tuple(numbers),
        tuple(_text(one) for one in networks if one.version == 4),
        tuple(_text(one) for one in networks if one.version == 6),
    )


def _network(text: str) -> Any:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise _refused(
            "source",
            repr(text),
            "it is no address and no network",
            "Give one such as 192.0.2.21 or 192.0.2.0/24",
        ) from None


def _text(network: Any) -> str:
    return str(network.network_address) if network.num_addresses == 1 else str(network)


def _refused(kind: str, name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("open", kind, name, cause, remedy, code="parameters")
