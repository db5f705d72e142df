# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of a VNC server's screen, from a server that speaks RFC 6143 on its own."""

from __future__ import annotations

import struct
import zlib

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import framebuffer

WIDTH, HEIGHT = 3, 2
RED, GREEN, BLUE = b"\0\0\xff\0", b"\0\xff\0\0", b"\xff\0\0\0"
AGREED = b"\x02\x02\x01" + struct.pack(">I", 0)
BEGUN = struct.pack(">HH", WIDTH, HEIGHT) + bytes(16) + struct.pack(">I", 4) + b"QEMU"


class Server:
    """Sends these bytes, some at a time, and remembers what it got."""

    def __init__(self, data: bytes, piece: int = 7) -> None:
        self.data, self.piece, self.received = data, piece, b""

    def receive(self, size: int) -> bytes:
        taken, self.data = self.data[: self.piece], self.data[self.piece :]
        return taken

    def send(self, data: bytes) -> None:
        assert len(data) <= 125
        self.received += data


def rectangle(x: int, y: int, width: int, height: int, pixels: bytes, encoding: int = 0) -> bytes:
    return struct.pack(">HHHHi", x, y, width, height, encoding) + pixels


def update(*rectangles: bytes) -> bytes:
    return struct.pack(">BxH", 0, len(rectangles)) + b"".join(rectangles)


WHOLE = update(rectangle(0, 0, WIDTH, HEIGHT, RED * 3 + GREEN * 3))


def pixels(png: bytes) -> tuple[int, int, bytes]:
    """Width, height and the colors of a PNG file as this collection writes them; every chunk is checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, rest = {}, png[8:]
    while rest:
        (size,) = struct.unpack(">I", rest[:4])
        kind, data = rest[4:8], rest[8 : 8 + size]
        assert struct.unpack(">I", rest[8 + size : 12 + size]) == (zlib.crc32(kind + data),)
        chunks[kind], rest = data, rest[12 + size :]
    width, height, depth, colour = struct.unpack(">IIBB3x", chunks[b"IHDR"])
    assert (depth, colour, list(chunks)[-1]) == (8, 2, b"IEND")
    lines = zlib.decompress(chunks[b"IDAT"])
    rows = [lines[row * (width * 3 + 1) :][: width * 3 + 1] for row in range(height)]
    assert all(row[0] == 0 for row in rows)
    return width, height, b"".join(row[1:] for row in rows)


RED_AND_GREEN = b"\xff\0\0" * 3 + b"\0\xff\0" * 3


@pytest.mark.parametrize(
    "sent",
    [
        WHOLE,
        update(rectangle(0, 0, 3, 1, RED * 3)) + update(rectangle(0, 1, 3, 1, GREEN * 3)),
        update(
            rectangle(2, 0, 1, 2, RED + GREEN),
            rectangle(0, 0, 2, 2, RED * 2 + GREEN * 2),
        ),
        b"\x02" + b"\x03" + bytes(3) + struct.pack(">I", 2) + b"hi" + WHOLE,
        struct.pack(">B3xH", 1, 1) + bytes(6) + WHOLE,
    ],
    ids=["at once", "in lines", "in columns", "after a bell and a text", "after a color map"],
)
def test_a_screen_becomes_a_picture(sent: bytes) -> None:
    server = Server(AGREED + BEGUN + sent)
    assert pixels(framebuffer.picture(server, b"")) == (WIDTH, HEIGHT, RED_AND_GREEN)
    assert server.received.startswith(b"RFB 003.008\n\x01\x01")
    assert server.received.endswith(struct.pack(">BBHHHH", 3, 0, 0, 0, WIDTH, HEIGHT))


def test_what_came_with_the_greeting_is_not_lost() -> None:
    server = Server((AGREED + BEGUN + WHOLE)[5:])
    assert pixels(framebuffer.picture(server, AGREED[:5]))[2] == RED_AND_GREEN


def test_a_screen_that_is_resized_is_asked_for_anew() -> None:
    resized = update(rectangle(0, 0, 1, 1, b"", encoding=-223)) + update(rectangle(0, 0, 1, 1, BLUE))
    server = Server(AGREED + BEGUN + resized)
    assert pixels(framebuffer.picture(server, b"")) == (1, 1, b"\0\0\xff")
    assert server.received.endswith(struct.pack(">BBHHHH", 3, 0, 0, 0, 1, 1))


@pytest.mark.parametrize(
    ("sent", "cause"),
    [
        (b"", "hung up"),
        (AGREED + BEGUN + WHOLE[:-1], "hung up"),
        (b"\0" + struct.pack(">I", 4) + b"busy", "refuses: busy"),
        (b"\x01\x02", "wants a password"),
        (b"\x01\x01" + struct.pack(">II", 1, 2) + b"no", "refuses: no"),
        (AGREED + struct.pack(">HH", 60000, 60000) + BEGUN[4:], "60000 times 60000 pixels"),
        (AGREED + BEGUN + b"\x63", "unknown kind 99"),
        (AGREED + BEGUN + update(rectangle(0, 0, 3, 2, b"", encoding=7)), "unknown encoding 7"),
        (AGREED + BEGUN + update(rectangle(1, 0, 3, 2, RED * 6)), "draws beside the screen"),
        (AGREED + BEGUN + update(rectangle(0, 0, 3, 2, b"", encoding=-223)) * 9, "changes its size"),
    ],
)
def test_why_there_is_no_picture(sent: bytes, cause: str) -> None:
    with pytest.raises(framebuffer.NoPictureError, match=cause):
        framebuffer.picture(Server(sent), b"")


@pytest.mark.parametrize("size", [(1, 1), (5, 3)])
def test_a_picture_file(size: tuple[int, int]) -> None:
    colours = bytes(range(size[0] * size[1] * 3))
    assert pixels(framebuffer.png(*size, colours)) == (*size, colours)
