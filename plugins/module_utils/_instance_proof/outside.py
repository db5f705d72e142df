# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance seen from outside of the cloud's networks: from this host, over whatever way it has to an address."""

from __future__ import annotations

import http.client
import os
import socket
import struct
import time
from typing import Protocol

_PAGE_SECONDS = 5.0
_ECHO_SECONDS = 1.0
_LARGEST_PAGE = 65536
_ECHO_REQUEST, _ECHO_REPLY = 8, 0
# For documentation only (RFC 5737).
_NOBODY = "192.0.2.1"


class Outside(Protocol):
    """Where floating IPs are looked at from."""

    name: str

    def page(self, address: str) -> str | None:
        """What is served under port 80; None where nothing is."""

    def echoes(self, address: str) -> bool:
        """Whether an address answers an ICMP echo request."""


class ThisHost:
    """The host on which the module runs, in its own network and in no router's."""

    def __init__(self) -> None:
        self.name = socket.gethostname()

    def page(self, address: str) -> str | None:
        """See ``Outside``. No proxy is asked, which would be another place."""
        connection = http.client.HTTPConnection(address, 80, timeout=_PAGE_SECONDS)
        try:
            connection.request("GET", "/")
            return connection.getresponse().read(_LARGEST_PAGE).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def echoes(self, address: str) -> bool:
        """See ``Outside``. Where even an address that nobody has answers, somebody on the way answers for all."""
        return echoed(address) and not echoed(_NOBODY)


def echoed(address: str) -> bool:
    """Whether an ICMP echo comes back; a refused TCP connection proves less: firewalls refuse in others' names."""
    number = os.getpid() & 0xFFFF
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP) as wire:
            wire.sendto(echo_request(number), (address, 0))
            deadline = time.monotonic() + _ECHO_SECONDS
            while time.monotonic() < deadline:
                wire.settimeout(max(0.01, deadline - time.monotonic()))
                packet, (sender, _port) = wire.recvfrom(1500)
                if sender == address and is_reply(packet, number):
                    return True
    except OSError:
        # No way there, nobody answered, or this user may not ask.
        pass
    return False


def echo_request(number: int) -> bytes:
    """An ICMP message that asks for an echo (RFC 792)."""
    message = struct.pack(">BBHHH", _ECHO_REQUEST, 0, 0, number, 1)
    total = sum(struct.unpack(">4H", message))
    checksum = ~(total + (total >> 16)) & 0xFFFF
    return struct.pack(">BBHHH", _ECHO_REQUEST, 0, checksum, number, 1)


def is_reply(packet: bytes, number: int) -> bool:
    """Whether an IPv4 packet is the echo of the request with this number."""
    start = (packet[0] & 0x0F) * 4
    if len(packet) < start + 8:
        return False
    kind, _code, _checksum, its_number, _sequence = struct.unpack(">BBHHH", packet[start : start + 8])
    return (kind, its_number) == (_ECHO_REPLY, number)
