# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that tells, as JSON, which secrets a capture of network traffic holds: to be run where the capture is.

It takes the file that tcpdump has written, and on standard input the secrets by their names. ``bytes``: what was said
over each port of a server. ``found``: the names of secrets that were heard there; ``token`` is one of Keystone's.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

_ETHERNET, _IPV4 = 1, 0x0800
_TCP, _UDP = 6, 17
# Keystone's tokens are Fernet's; what follows the version is never that long by chance.
_TOKEN = re.compile(rb"gAAAA[A-Za-z0-9_-]{60}")

Flow = tuple[bytes, bytes, int, int]


def packets(capture: bytes) -> Iterator[bytes]:
    """The frames of a capture, as they were on the wire."""
    order = "<" if capture[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    (kind,) = struct.unpack_from(f"{order}I", capture, 20)
    if kind != _ETHERNET:
        raise SystemExit(f"Cannot read capture: it is of link type {kind}, and not of Ethernet.")
    place = 24
    while place + 16 <= len(capture):
        (length,) = struct.unpack_from(f"{order}I", capture, place + 8)
        yield capture[place + 16 : place + 16 + length]
        place += 16 + length


def payload(frame: bytes) -> tuple[Flow, bytes] | None:
    """What a frame carries, and between whom; None for one that is not TCP or UDP over IPv4."""
    if len(frame) < 34 or struct.unpack_from("!H", frame, 12)[0] != _IPV4 or frame[23] not in (_TCP, _UDP):
        return None
    transport = 14 + (frame[14] & 0x0F) * 4
    end = 14 + struct.unpack_from("!H", frame, 16)[0]
    source, target = struct.unpack_from("!HH", frame, transport)
    header = (frame[transport + 12] >> 4) * 4 if frame[23] == _TCP else 8
    return (frame[26:30], frame[30:34], source, target), frame[transport + header : end]


def forms(secret: str) -> set[bytes]:
    """A secret as it may be written."""
    plain = secret.encode()
    return {plain, quote(secret, safe="").encode(), base64.b64encode(plain).rstrip(b"=")[:-1]}


def search(capture: bytes, secrets: Mapping[str, str]) -> dict[str, Any]:
    """What was said, and what of it is a secret, by the port of the server."""
    flows: dict[Flow, bytearray] = defaultdict(bytearray)
    for frame in packets(capture):
        told = payload(frame)
        if told:
            flows[told[0]] += told[1]
    wanted = {name: forms(secret) for name, secret in secrets.items()}
    amount: dict[int, int] = defaultdict(int)
    found: dict[int, set[str]] = defaultdict(set)
    for (_source, _target, *ports), said in flows.items():
        heard = {name for name, texts in wanted.items() if any(text in said for text in texts)}
        heard |= {"token"} if _TOKEN.search(said) else set()
        # A client's port is higher.
        amount[min(ports)] += len(said)
        if heard:
            found[min(ports)] |= heard
    return {
        "bytes": dict(sorted(amount.items())),
        "found": {port: sorted(names) for port, names in sorted(found.items())},
    }


if __name__ == "__main__":
    print(json.dumps(search(Path(sys.argv[1]).read_bytes(), json.load(sys.stdin))))
