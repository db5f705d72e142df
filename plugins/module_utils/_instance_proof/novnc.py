# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A noVNC console seen as a browser sees it: the page, the websocket (RFC 6455), the VNC server and its screen."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import re
import socket
import ssl
import struct
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import parse_qs, urlsplit

from .._engine.errors import CollectionError
from . import framebuffer

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
_BANNER = re.compile(rb"RFB \d{3}\.\d{3}\n")
_LONGEST_LINE = 16 * 1024
_LONGEST_FRAME = 1024 * 1024

_PROXY_REMEDY = (
    "Check that nova-novncproxy runs on the controller, that its port is open, and that novnc is installed"
)
_TOKEN_REMEDY = "Look into the log of nova-novncproxy; its databases must be those of nova-api"
_SERVER_REMEDY = (
    "The log of nova-novncproxy says why; check [vnc] server_listen and server_proxyclient_address"
    " on the compute host, and that its ports from 5900 on are open to the controller"
)


@dataclass(frozen=True)
class Screen:
    """What a noVNC URL answered: the HTTP status of its page, and the banner of the VNC server behind it.

    ``picture`` is what the screen shows, as PNG; where none could be taken it is empty, and ``no_picture`` says why.
    """

    page: int
    banner: str
    picture: bytes = b""
    no_picture: str = ""


def look(url: str, *, timeout: float, context: ssl.SSLContext | None = None, picture: bool = False) -> Screen:
    """Open the console under ``url``, and take a ``picture`` if asked; every step may take ``timeout`` seconds.

    ``context`` is for https (default: the certificates that the host trusts). Raises CollectionError.
    """
    page = _page(url, timeout, context)
    try:
        with _connected(url, timeout, context) as connection:
            websocket = WebSocket(connection, url)
            websocket.shake_hands()
            greeting = websocket.receive(len(b"RFB 003.008\n"))
            match = _BANNER.match(greeting)
            if not match:
                raise _failed(
                    "websocket", url, f"no VNC server speaks, but {greeting[:40]!r}", _SERVER_REMEDY
                )
            taken, reason = _picture(websocket, greeting[match.end() :]) if picture else (b"", "")
            if not reason:
                websocket.close()
    except OSError as error:
        raise _failed("websocket", url, f"it does not answer ({error})", _PROXY_REMEDY) from error
    return Screen(page, match[0].decode("ascii").strip(), taken, reason)


def socket_path(url: str) -> str:
    """The path of the websocket that the page under ``url`` opens.

    Since Rocky the URL says it (``?path=%3Ftoken%3D...``); before, the token itself was in the query.
    """
    query = parse_qs(urlsplit(url).query)
    if "path" in query:
        return "/" + query["path"][0].lstrip("/")
    token = query.get("token", [""])[0]
    return f"/websockify?token={token}"


def token(url: str) -> str:
    """The secret inside a console URL: whoever has it has the console ("" where there is none)."""
    found = re.search(r"token=([\w-]+)", socket_path(url))
    return found[1] if found else ""


def _page(url: str, timeout: float, context: ssl.SSLContext | None) -> int:
    parts = urlsplit(url)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=timeout, context=context or ssl.create_default_context()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=timeout)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}")
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise _failed("page", url, f"it does not answer ({error})", _PROXY_REMEDY) from error
    finally:
        connection.close()
    if status != 200:
        raise _failed("page", url, f"it answers HTTP {status}", _PROXY_REMEDY)
    return status


def _picture(websocket: WebSocket, received: bytes) -> tuple[bytes, str]:
    """What the screen shows, or why nobody knows: the console works all the same."""
    try:
        return framebuffer.picture(websocket, received), ""
    except framebuffer.NoPictureError as error:
        return b"", str(error)
    except CollectionError as error:
        return b"", error.failure.rstrip(".")
    except OSError as error:
        return b"", f"the VNC server does not answer ({error})"


def _connected(url: str, timeout: float, context: ssl.SSLContext | None) -> socket.socket:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    stream = socket.create_connection((parts.hostname or "", parts.port or (443 if secure else 80)), timeout)
    if not secure:
        return stream
    return (context or ssl.create_default_context()).wrap_socket(stream, server_hostname=parts.hostname)


class WebSocket:
    """The client's side of one websocket of a console, over a connected socket.

    The client in websockify, on which noVNC's proxy runs, leaves out the query of the URL, and thereby the token;
    it loses frames that come together with the handshake, and before 0.13 it cannot answer or close at all.
    """

    def __init__(self, connection: socket.socket, url: str) -> None:
        self._connection = connection
        self._stream: BinaryIO = connection.makefile("rb")
        self._url = url

    def shake_hands(self) -> None:
        """Upgrade the connection as a browser that shows the page under the URL does."""
        parts = urlsplit(self._url)
        key = base64.b64encode(os.urandom(16)).decode("ascii")
        lines = [
            f"GET {socket_path(self._url)} HTTP/1.1",
            f"Host: {parts.netloc}",
            f"Origin: {parts.scheme}://{parts.netloc}",
            "Upgrade: websocket",
            "Connection: Upgrade",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Protocol: binary",
        ]
        self._connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("ascii"))
        first = self._stream.readline(_LONGEST_LINE)
        if not first:
            raise self._hung_up()
        status = re.match(rb"HTTP/1\.[01] (\d{3})", first)
        if not status or status[1] != b"101":
            cause = f"the proxy answers HTTP {int(status[1]) if status else 0} to the handshake"
            raise _failed("websocket", self._url, cause, _TOKEN_REMEDY)
        # The key proves that a websocket server answers; SHA-1 is what the RFC asks for.
        accepted = base64.b64encode(hashlib.sha1((key + _GUID).encode("ascii")).digest()).decode("ascii")
        if self._headers().get("Sec-WebSocket-Accept") != accepted:
            cause = "the proxy's handshake does not fit the request"
            raise _failed("websocket", self._url, cause, _PROXY_REMEDY)

    def receive(self, size: int) -> bytes:
        """At least ``size`` bytes of payload, or what came before the other side closed."""
        payload = b""
        while len(payload) < size:
            opcode, data = self._frame()
            if opcode == _CLOSE:
                reason = data[2:].decode("utf-8", "replace") or "no reason given"
                raise _failed("websocket", self._url, f"the proxy closed it ({reason})", _SERVER_REMEDY)
            if opcode == _PING:
                self._send(_PONG, data)
            if opcode in (_CONTINUATION, _TEXT, _BINARY):
                payload += data
        return payload

    def send(self, data: bytes) -> None:
        """Send a message of at most 125 bytes."""
        self._send(_BINARY, data)

    def close(self) -> None:
        """Say goodbye (1000: normal closure)."""
        self._send(_CLOSE, struct.pack("!H", 1000))

    def _send(self, opcode: int, data: bytes) -> None:
        # A client masks what it sends; control frames hold at most 125 bytes.
        mask = os.urandom(4)
        self._connection.sendall(bytes([0x80 | opcode, 0x80 | len(data)]) + mask + _masked(data, mask))

    def _headers(self) -> http.client.HTTPMessage:
        try:
            return http.client.parse_headers(self._stream)
        except http.client.HTTPException as error:
            cause = f"the proxy's handshake cannot be read ({error})"
            raise _failed("websocket", self._url, cause, _PROXY_REMEDY) from error

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        length = second & 0x7F
        if length == 126:
            (length,) = struct.unpack("!H", self._take(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", self._take(8))
        if length > _LONGEST_FRAME:
            raise _failed("websocket", self._url, f"a frame of {length} bytes", _PROXY_REMEDY)
        mask = self._take(4) if second & 0x80 else b""
        data = self._take(length)
        return first & 0x0F, _masked(data, mask) if mask else data

    def _take(self, size: int) -> bytes:
        data = self._stream.read(size)
        if len(data) < size:
            raise self._hung_up()
        return data

    def _hung_up(self) -> CollectionError:
        return _failed("websocket", self._url, "the proxy hung up before a VNC server spoke", _SERVER_REMEDY)


def _masked(data: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))


def _failed(what: str, url: str, cause: str, remedy: str) -> CollectionError:
    # Without the query, which holds the token.
    return CollectionError("open", f"console {what}", url.split("?")[0], cause, remedy, code="no_console")
