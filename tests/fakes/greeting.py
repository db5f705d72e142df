# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first words of a database server, and nothing after them."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# All that a client may make use of but TLS (CLIENT_SSL, 0x800).
_CAPABILITIES = 0x81BFF7FF & ~0x800
_SALT = b"01234567890123456789\0"


class Server:
    """Greets who connects, or keeps silent, and keeps what comes back."""

    def __init__(self, listener: socket.socket, greeting: bytes) -> None:
        self.port: int = listener.getsockname()[1]
        self.heard = bytearray()
        self._listener = listener
        self._greeting = greeting
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def finish(self) -> bytes:
        """Wait until the client is gone; all that it sent."""
        self._thread.join()
        return bytes(self.heard)

    def _serve(self) -> None:
        try:
            client, _address = self._listener.accept()
        except OSError:
            return
        with client:
            client.sendall(self._greeting)
            while data := client.recv(4096):
                self.heard += data


@contextmanager
def greeting_server(greets: bool = True) -> Iterator[Server]:
    """A server on 127.0.0.1 without TLS; it takes one connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        server = Server(listener, _greeting() if greets else b"")
        yield server
        server.finish()


def _greeting() -> bytes:
    payload = b"\x0a5.5.5-10.11.0-MariaDB\0" + struct.pack("<I", 1) + _SALT[:8] + b"\0"
    payload += struct.pack("<HBHH", _CAPABILITIES & 0xFFFF, 45, 2, _CAPABILITIES >> 16)
    payload += struct.pack("B", len(_SALT)) + bytes(10) + _SALT[8:] + b"mysql_native_password\0"
    return struct.pack("<I", len(payload))[:3] + b"\0" + payload
