# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The websocket client against a small server on loopback that speaks RFC 6455 on its own."""

from __future__ import annotations

import base64
import hashlib
import queue
import socket
import socketserver
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.http import tls_context
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import novnc
from fakes.certificate import self_signed

TOKEN = "5b1b3f0e-7c4e-4a52-9d0e-3b1b4a1d1f77"
BANNER = b"RFB 003.008\n"


class Proxy(socketserver.ThreadingTCPServer):
    """A console proxy; ``answer`` is what goes through the websocket, already in frames."""

    allow_reuse_address = True
    daemon_threads = True
    page_status = 200
    handshake_status = 101
    accept_key = True
    silence = 0.0
    screen = b""
    answer = b"\x82" + bytes([len(BANNER)]) + BANNER
    received: dict[str, Any]
    goodbyes: queue.Queue[bytes]


class Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self.request.recv(4096)
        first, *lines = data.split(b"\r\n\r\n")[0].decode().split("\r\n")
        headers = {key.lower(): value.strip() for key, value in (line.split(":", 1) for line in lines)}
        server: Proxy = self.server  # type: ignore[assignment]
        if "upgrade" not in headers:
            server.received["page"] = first
            self.request.sendall(f"HTTP/1.0 {server.page_status} X\r\n\r\n<html>".encode())
            return
        server.received["websocket"], server.received["headers"] = first, headers
        time.sleep(server.silence)
        key = headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode() if server.accept_key else "no"
        head = f"HTTP/1.1 {server.handshake_status} X\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
        self.request.sendall(head.encode() + server.answer)
        if server.answer:
            server.goodbyes.put(self.request.recv(64))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(("127.0.0.1", 0), Handler) as server:
        server.received, server.goodbyes = {}, queue.Queue()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


def url(proxy: Proxy) -> str:
    return f"http://127.0.0.1:{proxy.server_address[1]}/vnc_lite.html?path=%3Ftoken%3D{TOKEN}"


def test_sees_page_and_banner_as_a_browser_does(proxy: Proxy) -> None:
    assert novnc.look(url(proxy), timeout=5) == novnc.Screen(page=200, banner="RFB 003.008")
    assert proxy.received["page"] == f"GET /vnc_lite.html?path=%3Ftoken%3D{TOKEN} HTTP/1.1"
    assert proxy.received["websocket"] == f"GET /?token={TOKEN} HTTP/1.1"
    headers = proxy.received["headers"]
    assert headers["sec-websocket-protocol"] == "binary"
    assert headers["origin"] == f"http://{headers['host']}"


def frame(opcode: int, data: bytes, final: bool = True, length: bytes = b"") -> bytes:
    return bytes([(0x80 if final else 0) | opcode]) + (length or bytes([len(data)])) + data


@pytest.mark.parametrize(
    "answer",
    [
        frame(2, b"RFB ", final=False) + frame(0, b"003.008\n"),
        frame(9, b"are you there") + frame(2, BANNER),
        frame(2, BANNER, length=b"\x7e" + struct.pack("!H", len(BANNER))),
        frame(2, BANNER, length=b"\x7f" + struct.pack("!Q", len(BANNER))),
        frame(2, b"RFB 003.008\nmore"),
    ],
    ids=["fragments", "ping", "16-bit length", "64-bit length", "more than the banner"],
)
def test_reads_every_kind_of_frame(proxy: Proxy, answer: bytes) -> None:
    proxy.answer = answer
    assert novnc.look(url(proxy), timeout=5).banner == "RFB 003.008"


class FrameBuffer(Handler):
    """Goes on after the greeting as a VNC server that has one red pixel."""

    def handle(self) -> None:
        super().handle()
        server: Proxy = self.server  # type: ignore[assignment]
        if not server.goodbyes.empty():
            self.request.sendall(server.screen)
            self.request.settimeout(5)
            while data := self.request.recv(4096):
                server.goodbyes.put(data)


SCREEN = (
    b"\x01\x01" + bytes(4) + struct.pack(">HH", 1, 1) + bytes(20)
    + b"\0\0\0\x01" + struct.pack(">HHHHi", 0, 0, 1, 1, 0) + b"\0\0\xff\0"
)  # fmt: skip


@pytest.mark.parametrize(
    ("screen", "reason"),
    [
        (frame(2, SCREEN), ""),
        (frame(2, SCREEN[:9]) + frame(2, SCREEN[9:]), ""),
        (frame(2, b"\x01\x02"), "the VNC server wants a password"),
        (frame(8, b""), "the proxy closed it (no reason given)"),
    ],
    ids=["whole", "in pieces", "password", "closed"],
)
def test_a_picture_is_taken_through_the_proxy(proxy: Proxy, screen: bytes, reason: str) -> None:
    proxy.RequestHandlerClass = FrameBuffer
    proxy.screen = screen
    seen = novnc.look(url(proxy), timeout=5, picture=True)
    assert (seen.banner, bool(seen.picture)) == ("RFB 003.008", not reason)
    assert reason in seen.no_picture
    assert bool(seen.no_picture) == bool(reason)


def test_says_goodbye_masked(proxy: Proxy) -> None:
    proxy.answer = frame(9, b"ping") + frame(2, BANNER)
    novnc.look(url(proxy), timeout=5)
    pong = proxy.goodbyes.get(timeout=5)
    assert pong[:2] == bytes([0x8A, 0x80 | 4])
    assert bytes(byte ^ mask for byte, mask in zip(pong[6:10], pong[2:6])) == b"ping"


@pytest.mark.parametrize(
    ("settings", "cause"),
    [
        ({"page_status": 404}, "it answers HTTP 404"),
        ({"handshake_status": 403, "answer": b""}, "the proxy answers HTTP 403 to the handshake"),
        ({"accept_key": False}, "the proxy's handshake does not fit the request"),
        ({"answer": frame(8, struct.pack("!H", 1011) + b"no server")}, r"the proxy closed it \(no server\)"),
        ({"answer": frame(8, b"")}, r"the proxy closed it \(no reason given\)"),
        ({"answer": b""}, "the proxy hung up before a VNC server spoke"),
        ({"answer": frame(2, b"HTTP/1.1 500")}, "no VNC server speaks, but b'HTTP/1.1 500'"),
        ({"answer": b"\x82\x7f" + b"\xff" * 8}, "a frame of 18446744073709551615 bytes"),
    ],
)
def test_tells_what_is_wrong_without_the_token(proxy: Proxy, settings: dict[str, Any], cause: str) -> None:
    for name, value in settings.items():
        setattr(proxy, name, value)
    with pytest.raises(CollectionError, match=cause) as caught:
        novnc.look(url(proxy), timeout=5)
    assert TOKEN not in str(caught.value)


def test_nobody_listens(proxy: Proxy) -> None:
    closed = "http://127.0.0.1:1/vnc_lite.html?path=%3Ftoken%3Dx"
    with pytest.raises(CollectionError, match=r"Cannot open console page .*Connection refused"):
        novnc.look(closed, timeout=5)


def test_a_proxy_that_says_nothing_is_not_waited_for_longer_than_told(proxy: Proxy) -> None:
    proxy.silence = 2.0
    with pytest.raises(CollectionError, match=r"Cannot open console websocket .*timed out"):
        novnc.look(url(proxy), timeout=0.2)


def test_a_proxy_that_hangs_up_at_once(proxy: Proxy) -> None:
    with (
        pytest.raises(CollectionError, match="the proxy hung up before a VNC server spoke"),
        hanging_up() as away,
    ):
        novnc.WebSocket(away, url(proxy)).shake_hands()


@contextmanager
def hanging_up() -> Iterator[socket.socket]:
    """Our end of a connection whose other end says nothing more."""
    here, there = socket.socketpair()
    with here, there:
        there.shutdown(socket.SHUT_WR)
        yield here


def test_a_secure_console(proxy: Proxy, tmp_path: Path) -> None:
    pem = self_signed(tmp_path / "proxy.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True)
    secure = url(proxy).replace("http:", "https:")
    assert novnc.look(secure, timeout=5, context=tls_context(str(pem))).banner == "RFB 003.008"
    assert proxy.received["headers"]["origin"].startswith("https://127.0.0.1:")
    assert novnc.look(secure, timeout=5, context=tls_context(validate_certs=False)).page == 200
    with pytest.raises(CollectionError, match=r"Cannot open console page .*CERTIFICATE_VERIFY_FAILED"):
        novnc.look(secure, timeout=5)


@pytest.mark.parametrize(
    ("console", "path", "token"),
    [
        ("http://c:6080/vnc_lite.html?path=%3Ftoken%3Dabc-1", "/?token=abc-1", "abc-1"),
        ("http://c:6080/vnc_auto.html?path=websockify%3Ftoken%3Dabc", "/websockify?token=abc", "abc"),
        ("http://c:6080/vnc_auto.html?token=abc", "/websockify?token=abc", "abc"),
        ("http://c:6080/vnc_auto.html", "/websockify?token=", ""),
    ],
)
def test_knows_where_the_page_connects(console: str, path: str, token: str) -> None:
    assert novnc.socket_path(console) == path
    assert novnc.token(console) == token
