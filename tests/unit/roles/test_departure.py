# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The program with which an API leaves the load balancers before it stops, and comes back."""

from __future__ import annotations

import importlib.util
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import ClassVar

import pytest

PROGRAM = Path(__file__).parents[3] / "roles/load_balancer/files/stackwright-departure"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    loader = SourceFileLoader("departure", str(PROGRAM))
    spec = importlib.util.spec_from_loader("departure", loader)
    assert spec
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setattr("sys.dont_write_bytecode", True)
    loader.exec_module(module)
    module.MARKS = tmp_path / "marks"  # type: ignore[attr-defined]
    module.NOTICE = 0.0  # type: ignore[attr-defined]
    monkeypatch.setenv("MAINPID", "4711")
    return module


@pytest.fixture
def asked(program: ModuleType) -> Iterator[tuple[str, int]]:
    server = program.Server(("127.0.0.1", 0), program.Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address
    server.shutdown()
    server.server_close()


def answer(address: tuple[str, int], name: str) -> str:
    with socket.create_connection(address, timeout=5) as connection:
        connection.sendall(f"{name}\n".encode())
        return connection.makefile().readline()


def test_haproxy_hears_of_an_api_that_leaves(program: ModuleType, asked: tuple[str, int]) -> None:
    assert answer(asked, "nova") == "ready\n"
    program.leave("nova", "1")
    assert (answer(asked, "nova"), answer(asked, "keystone")) == ("drain\n", "ready\n")
    # Nobody names a file elsewhere.
    assert answer(asked, "../../etc") == "ready\n"
    assert answer(asked, "") == "ready\n"


def test_an_api_that_has_ended_by_itself_waits_for_nothing(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MAINPID")
    program.leave("nova", "1")
    assert program.state("nova") == "ready"


def test_what_is_under_way_ends_first(program: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [True, True, False]
    monkeypatch.setattr(program, "busy", lambda _port: left.pop(0))
    program.leave("nova", "8774")
    assert left == []


class Api(BaseHTTPRequestHandler):
    """Answers as it is told to."""

    statuses: ClassVar[list[int]] = []

    def do_GET(self) -> None:
        self.send_response(self.statuses.pop(0))
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Nothing."""


def test_it_comes_back_when_it_answers(program: ModuleType) -> None:
    program.leave("nova", "1")
    Api.statuses = [503, 503, 401]
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        program.come_back("nova", f"http://127.0.0.1:{server.server_address[1]}/")
        server.shutdown()
    assert Api.statuses == []
    assert program.state("nova") == "ready"


def test_one_that_never_answers_is_left_to_the_load_balancers(
    program: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(program, "START", 0.5)
    program.leave("nova", "1")
    program.come_back("nova", "http://127.0.0.1:1/")
    assert program.state("nova") == "ready"
