# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of what a VNC server shows (RFC 6143), as PNG; the hosts have no library for either."""

from __future__ import annotations

import struct
import zlib
from typing import Protocol

_VERSION = b"RFB 003.008\n"
_NO_AUTHENTICATION, _SHARED = 1, 1
_SET_PIXEL_FORMAT, _SET_ENCODINGS, _REQUEST_UPDATE = 0, 2, 3
_UPDATE, _COLOUR_MAP, _BELL, _CUT_TEXT = range(4)
_RAW, _RESIZED = 0, -223
# 32 bits a pixel, 24 of them color, the lowest byte first: blue, green, red, nothing.
_PIXEL_FORMAT = struct.pack(">BBBBHHHBBB3x", 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)
_BYTES_A_PIXEL = 4
_LARGEST = 4096 * 4096
_RESIZES = 8


class NoPictureError(Exception):
    """Why there is no picture."""


class Channel(Protocol):
    """What leads to the VNC server: a websocket."""

    def receive(self, size: int) -> bytes:
        """At least ``size`` bytes, or what came before the other side closed."""

    def send(self, data: bytes) -> None:
        """Send a few bytes."""


def picture(channel: Channel, received: bytes) -> bytes:
    """What the screen shows, as PNG; ``received`` is what came behind the server's greeting already.

    Raises NoPictureError.
    """
    return _Viewer(channel, received).picture()


def png(width: int, height: int, pixels: bytes) -> bytes:
    """Pixels of three bytes (red, green, blue), line by line, as a PNG file."""
    # Each line begins with the filter that it is stored with: none.
    lines = b"".join(b"\0" + pixels[row * width * 3 : (row + 1) * width * 3] for row in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


class _Viewer:
    """The client's side of one connection, after the server's greeting."""

    def __init__(self, channel: Channel, received: bytes) -> None:
        self._channel = channel
        self._buffer = bytearray(received)

    def picture(self) -> bytes:
        """See ``picture``."""
        self._log_in()
        width, height = self._begin()
        for _attempt in range(_RESIZES):
            screen = self._whole_screen(width, height)
            if isinstance(screen, bytearray):
                return png(width, height, _as_rgb(screen))
            width, height = screen
        raise NoPictureError("the screen changes its size all the time")

    def _log_in(self) -> None:
        self._channel.send(_VERSION)
        (count,) = self._take(1)
        if not count:
            raise NoPictureError(f"the VNC server refuses: {self._text()}")
        if _NO_AUTHENTICATION not in self._take(count):
            raise NoPictureError("the VNC server wants a password")
        self._channel.send(bytes([_NO_AUTHENTICATION]))
        (failed,) = struct.unpack(">I", self._take(4))
        if failed:
            raise NoPictureError(f"the VNC server refuses: {self._text()}")

    def _begin(self) -> tuple[int, int]:
        """The size of the screen."""
        self._channel.send(bytes([_SHARED]))
        width, height = struct.unpack(">HH16x", self._take(20))
        self._text()
        self._channel.send(struct.pack(">B3x", _SET_PIXEL_FORMAT) + _PIXEL_FORMAT)
        self._channel.send(struct.pack(">BxHii", _SET_ENCODINGS, 2, _RAW, _RESIZED))
        return width, height

    def _whole_screen(self, width: int, height: int) -> bytearray | tuple[int, int]:
        """All pixels of the screen, or the size that it has taken on meanwhile."""
        if not 0 < width * height <= _LARGEST:
            raise NoPictureError(f"the screen has {width} times {height} pixels")
        screen = bytearray(width * height * _BYTES_A_PIXEL)
        missing = width * height
        self._channel.send(struct.pack(">BBHHHH", _REQUEST_UPDATE, 0, 0, 0, width, height))
        while missing > 0:
            for x, y, wide, high, pixels in self._update():
                if pixels is None:
                    return wide, high
                if x + wide > width or y + high > height:
                    raise NoPictureError("the VNC server draws beside the screen")
                _draw(screen, width, (x, y, wide, high), pixels)
                missing -= wide * high
        return screen

    def _update(self) -> list[tuple[int, int, int, int, bytes | None]]:
        """The next rectangles that the server draws; one without pixels is the screen's new size."""
        while True:
            (kind,) = self._take(1)
            if kind == _UPDATE:
                (count,) = struct.unpack(">xH", self._take(3))
                return [self._rectangle() for _number in range(count)]
            if kind == _COLOUR_MAP:
                (colours,) = struct.unpack(">3xH", self._take(5))
                self._take(colours * 6)
            elif kind == _CUT_TEXT:
                self._take(3)
                self._text()
            elif kind != _BELL:
                raise NoPictureError(f"the VNC server sends a message of the unknown kind {kind}")

    def _rectangle(self) -> tuple[int, int, int, int, bytes | None]:
        x, y, width, height, encoding = struct.unpack(">HHHHi", self._take(12))
        if encoding == _RESIZED:
            return 0, 0, width, height, None
        if encoding != _RAW:
            raise NoPictureError(f"the VNC server draws in the unknown encoding {encoding}")
        return x, y, width, height, self._take(width * height * _BYTES_A_PIXEL)

    def _text(self) -> str:
        (size,) = struct.unpack(">I", self._take(4))
        return self._take(min(size, _LARGEST)).decode("utf-8", "replace")

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self._channel.receive(1)
            if not data:
                raise NoPictureError("the VNC server hung up")
            self._buffer += data
        taken = bytes(self._buffer[:size])
        del self._buffer[:size]
        return taken


def _draw(screen: bytearray, width: int, place: tuple[int, int, int, int], pixels: bytes) -> None:
    x, y, wide, high = place
    size = wide * _BYTES_A_PIXEL
    for row in range(high):
        begin = ((y + row) * width + x) * _BYTES_A_PIXEL
        screen[begin : begin + size] = pixels[row * size : (row + 1) * size]


def _as_rgb(screen: bytearray) -> bytes:
    rgb = bytearray(len(screen) // _BYTES_A_PIXEL * 3)
    rgb[0::3], rgb[1::3], rgb[2::3] = screen[2::4], screen[1::4], screen[0::4]
    return bytes(rgb)
