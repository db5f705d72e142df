# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``compute_peers``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    "peers": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "address": {"type": "str", "required": True},
            "nova_address": {"type": "str"},
            "public_key": {"type": "str", "required": True, "no_log": False},
            "host_keys": {"type": "list", "elements": "str", "required": True, "no_log": False},
        },
    },
    "kept": {"type": "list", "elements": "str", "default": []},
    "user": {"type": "str", "default": "nova"},
    "instances_path": {"type": "path", "default": "/var/lib/nova/instances"},
    "restricted_rsync": {"type": "path", "default": "/usr/bin/rrsync"},
    "ssh_port": {"type": "int", "default": 22},
}

# What stands in a line of a file of OpenSSH without quotes.
_WORD = re.compile(r"[A-Za-z0-9._:-]+")


@dataclass(frozen=True)
class Peer:
    """Another compute host.

    ``address``: where it is reached, and comes from. ``nova_address``: what Nova calls it. ``public_key`` and
    ``host_keys``: those of Nova's user there and of its SSH server.
    """

    name: str
    address: str
    nova_address: str
    public_key: str
    host_keys: tuple[str, ...]


@dataclass(frozen=True)
class Desired:
    """The hosts that this one lets in as ``user``, for files in ``instances_path``, and that let it in.

    ``kept`` are the names of those of whom this run knows nothing new: what is known of them stays.
    """

    peers: tuple[Peer, ...]
    kept: tuple[str, ...] = ()
    user: str = "nova"
    instances_path: str = "/var/lib/nova/instances"
    restricted_rsync: str = "/usr/bin/rrsync"
    ssh_port: int = 22


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as hosts, in the order of their names. CollectionError for what would break a line of a file."""
    known = tuple(sorted((_peer(**entry) for entry in params["peers"]), key=lambda peer: peer.name))
    names = {peer.name for peer in known}
    return Desired(
        known,
        tuple(sorted(set(params["kept"]) - names)),
        params["user"],
        params["instances_path"],
        params["restricted_rsync"],
        params["ssh_port"],
    )


def _peer(
    name: str, address: str, nova_address: str | None, public_key: str, host_keys: Sequence[str]
) -> Peer:
    for text in (name, address, nova_address or address):
        if not _WORD.fullmatch(text):
            raise CollectionError(
                "let in",
                "compute host",
                name,
                f"{text!r} is no name or address",
                "Correct it",
                code="arguments",
            )
    for key in (public_key, *host_keys):
        if "\n" in key or '"' in key:
            raise CollectionError(
                "let in", "compute host", name, "its key is no single line", "Correct it", code="arguments"
            )
    return Peer(name, address, nova_address or address, public_key, tuple(host_keys))
