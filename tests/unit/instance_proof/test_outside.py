# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this host sees of an address."""

from __future__ import annotations

import http.server
import os
import socket
import struct
import threading
from collections.abc import Iterator

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import outside

IPV4_HEADER = bytes([0x45]) + bytes(19)


class Identity(http.server.BaseHTTPRequestHandler):
    """Serves what the guest would."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"an-identity\n")

    def log_message(self, *_arguments: object) -> None:
        """Silence."""


@pytest.fixture
def port() -> Iterator[int]:
    server = http.server.HTTPServer(("127.0.0.1", 0), Identity)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_a_page_is_read_and_its_absence_is_none(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *rest, **named: real((address[0], port), *rest, **named)
    )
    assert outside.ThisHost().page("127.0.0.1") == "an-identity\n"
    monkeypatch.setattr(
        socket, "create_connection", lambda address, *rest, **named: real(("127.0.0.1", 1), *rest, **named)
    )
    assert outside.ThisHost().page("127.0.0.1") is None


def test_an_echo_request_has_the_checksum_that_receivers_expect() -> None:
    for number in (0, 1, 0xF7FE, 0xFFFF):
        total = sum(struct.unpack(">4H", outside.echo_request(number)))
        assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


def test_only_the_echo_of_ones_own_request_is_a_reply() -> None:
    assert outside.is_reply(IPV4_HEADER + struct.pack(">BBHHH", 0, 0, 0, 7, 1), 7)
    assert not outside.is_reply(IPV4_HEADER + struct.pack(">BBHHH", 0, 0, 0, 8, 1), 7)
    assert not outside.is_reply(IPV4_HEADER + outside.echo_request(7), 7)
    assert not outside.is_reply(IPV4_HEADER, 7)


@pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets are root's")
def test_this_host_answers_itself_and_nobody_answers_where_no_way_leads() -> None:
    assert outside.echoed("127.0.0.1")
    assert not outside.echoed("240.0.0.1")


@pytest.mark.parametrize(
    ("answer", "seen"), [(("10.0.0.1",), True), ((), False), (("10.0.0.1", "192.0.2.1"), False)]
)
def test_an_echo_counts_only_where_not_everything_answers(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[str, ...], seen: bool
) -> None:
    monkeypatch.setattr(outside, "echoed", lambda address: address in answer)
    assert outside.ThisHost().echoes("10.0.0.1") is seen
