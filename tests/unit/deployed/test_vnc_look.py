# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that asks a VNC server for its screen, against a small server on loopback."""

from __future__ import annotations

import contextlib
import socketserver
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from deployed import vnc_look
from fakes.certificate import self_signed


class Server(socketserver.ThreadingTCPServer):
    """A VNC server that offers these kinds of security, and shows its screen to whom its TLS lets in."""

    allow_reuse_address = True
    daemon_threads = True
    offered = bytes([vnc_look.VENCRYPT])
    within = (vnc_look.X509_NONE,)
    result = 0
    context: ssl.SSLContext


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        server: Server = self.server  # type: ignore[assignment]
        self.request.sendall(b"RFB 003.008\n")
        vnc_look.exactly(self.request, 12)
        self.request.sendall(bytes([len(server.offered)]) + server.offered)
        with contextlib.suppress(EOFError, OSError):
            assert vnc_look.exactly(self.request, 1) == bytes([vnc_look.VENCRYPT])
            self.request.sendall(b"\x00\x02")
            assert vnc_look.exactly(self.request, 2) == b"\x00\x02"
            count = len(server.within)
            self.request.sendall(bytes([0, count]) + struct.pack(f"!{count}I", *server.within))
            assert vnc_look.exactly(self.request, 4) == struct.pack("!I", vnc_look.X509_NONE)
            self.request.sendall(b"\x01")
            with server.context.wrap_socket(self.request, server_side=True) as secure:
                secure.sendall(struct.pack("!I", server.result))
                assert vnc_look.exactly(secure, 1) == b"\x01"
                secure.sendall(struct.pack("!HH", 640, 480))


@pytest.fixture
def pem(tmp_path: Path) -> str:
    return str(self_signed(tmp_path / "both.pem"))


@pytest.fixture
def server(pem: str) -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=pem)
        running.context.load_cert_chain(pem)
        running.context.verify_mode = ssl.CERT_REQUIRED
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def look(server: Server, authority: str, own: str = "") -> dict[str, object]:
    address, port = server.server_address[:2]
    return vnc_look.look(str(address), int(port), authority, (own, own) if own else None)


def test_with_a_certificate_the_screen_is_seen(server: Server, pem: str) -> None:
    expected = {"offered": [19], "within": [260], "screen": "640x480", "refusal": ""}
    assert look(server, pem, pem) == expected


def test_without_one_it_is_not(server: Server, pem: str) -> None:
    seen = look(server, pem)
    assert seen["screen"] == ""
    assert seen["refusal"]


def test_a_server_that_refuses(server: Server, pem: str) -> None:
    server.result = 1
    assert look(server, pem, pem)["refusal"] == "the server answers 1"


def test_a_server_that_offers_no_tls(server: Server, pem: str) -> None:
    server.offered = b"\x01"
    assert look(server, pem, pem) == {"offered": [1], "within": [], "screen": "", "refusal": ""}


def test_a_server_that_wants_no_certificates(server: Server, pem: str) -> None:
    server.within = (257,)
    assert look(server, pem, pem)["within"] == [257]
