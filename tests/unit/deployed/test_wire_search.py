# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program that searches captures of network traffic, on captures made here."""

from __future__ import annotations

import base64
import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from deployed import wire_search

TOKEN = "gAAAAAB" + "x" * 80
SECRETS = {"admin": "s3cr3t/of-admin", "nova": "another-one"}


def tcp(source: int, target: int, said: bytes) -> bytes:
    header = struct.pack("!HHIIBBHHH", source, target, 0, 0, 8 << 4, 0, 0, 0, 0) + bytes(12)
    return ip(6, header + said)


def udp(source: int, target: int, said: bytes) -> bytes:
    return ip(17, struct.pack("!HHHH", source, target, 8 + len(said), 0) + said)


def ip(protocol: int, data: bytes) -> bytes:
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(data), 0, 0, 64, protocol, 0) + bytes(
        [10, 0, 0, 1] * 2
    )
    # Short frames are filled up.
    return (bytes(12) + b"\x08\x00" + header + data).ljust(60, b"\0")


def capture(*frames: bytes, order: str = "<", kind: int = 1) -> bytes:
    records = [struct.pack(f"{order}IIII", 0, 0, len(frame), len(frame)) + frame for frame in frames]
    return struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, kind) + b"".join(records)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    "said",
    [
        SECRETS["admin"].encode(),
        b"s3cr3t%2Fof-admin",
        base64.b64encode(SECRETS["admin"].encode()),
    ],
)
def test_a_secret_is_found_in_all_its_forms(order: str, said: bytes) -> None:
    seen = wire_search.search(capture(tcp(40000, 5000, b"{" + said + b"}"), order=order), SECRETS)
    assert seen == {"bytes": {5000: len(said) + 2}, "found": {5000: ["admin"]}}


def test_it_is_found_across_packets_and_under_the_server_s_port() -> None:
    parts = [tcp(8774, 40000, part) for part in (b"x anoth", b"er-one x")]
    assert wire_search.search(capture(*parts), SECRETS)["found"] == {8774: ["nova"]}


def test_tokens_are_found() -> None:
    frames = [udp(50000, 4789, TOKEN.encode()), tcp(40000, 9292, b"gAAAA-too-short")]
    assert wire_search.search(capture(*frames), SECRETS)["found"] == {4789: ["token"]}


def test_other_frames_are_passed_over() -> None:
    frames = [bytes(60), b"short", ip(1, b"ping"), tcp(40000, 5000, b"nothing")]
    assert wire_search.search(capture(*frames), SECRETS) == {"bytes": {5000: 7}, "found": {}}


def test_another_kind_of_capture_is_refused() -> None:
    with pytest.raises(SystemExit, match="link type 113"):
        wire_search.search(capture(kind=113), SECRETS)


def test_as_a_program(tmp_path: Path) -> None:
    file = tmp_path / "wire.pcap"
    file.write_bytes(capture(tcp(40000, 5000, b"another-one")))
    done = subprocess.run(
        [sys.executable, wire_search.__file__, file],
        input=json.dumps(SECRETS),
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"bytes": {"5000": 11}, "found": {"5000": ["nova"]}}
