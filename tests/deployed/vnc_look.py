# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A program that asks a VNC server for its screen, and tells as JSON what came of it: to be run on a host of a cloud.

Its arguments are address, port and authority, and with a certificate that and its key. ``offered``: the kinds of
security that the server offers (1 is none, 19 VeNCrypt), ``within``: those of VeNCrypt (260: TLS with certificates).
``screen``: what it shows, "" where it shows none, and then ``refusal`` says how that was.
"""

from __future__ import annotations

import json
import socket
import ssl
import struct
import sys
from typing import Any

VENCRYPT, X509_NONE = 19, 260
_TIMEOUT = 20


def exactly(stream: socket.socket, size: int) -> bytes:
    """The next bytes of the server. EOFError where it hangs up before."""
    data = b""
    while len(data) < size:
        more = stream.recv(size - len(data))
        if not more:
            raise EOFError("the server hung up")
        data += more
    return data


def look(address: str, port: int, authority: str, certificate: tuple[str, str] | None) -> dict[str, Any]:
    """What the server offers, and what it shows."""
    seen: dict[str, Any] = {"offered": [], "within": [], "screen": "", "refusal": ""}
    context = ssl.create_default_context(cafile=authority)
    if certificate:
        context.load_cert_chain(*certificate)
    with socket.create_connection((address, port), _TIMEOUT) as stream:
        stream.sendall(exactly(stream, 12))
        seen["offered"] = list(exactly(stream, exactly(stream, 1)[0]))
        if VENCRYPT not in seen["offered"]:
            return seen
        stream.sendall(bytes([VENCRYPT]))
        stream.sendall(exactly(stream, 2))
        exactly(stream, 1)
        (count,) = exactly(stream, 1)
        seen["within"] = list(struct.unpack(f"!{count}I", exactly(stream, 4 * count)))
        if X509_NONE not in seen["within"]:
            return seen
        stream.sendall(struct.pack("!I", X509_NONE))
        exactly(stream, 1)
        try:
            with context.wrap_socket(stream, server_hostname=address) as secure:
                (refused,) = struct.unpack("!I", exactly(secure, 4))
                if refused:
                    seen["refusal"] = f"the server answers {refused}"
                    return seen
                secure.sendall(b"\x01")
                seen["screen"] = "{}x{}".format(*struct.unpack("!HH", exactly(secure, 4)))
        except (ssl.SSLError, EOFError, ConnectionError) as error:
            seen["refusal"] = str(error)
    return seen


if __name__ == "__main__":
    _name, host, number, trusted, *own = sys.argv
    print(json.dumps(look(host, int(number), trusted, (own[0], own[1]) if own else None)))
