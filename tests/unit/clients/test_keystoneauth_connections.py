# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests do not share connections, whatever the number of threads."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS, connect
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor

REQUESTS = 1000


class Server(ThreadingHTTPServer):
    """Keeps connections open and counts them."""

    request_queue_size = REQUESTS

    def __init__(self) -> None:
        self.connections = 0
        super().__init__(("127.0.0.1", 0), Handler)

    def get_request(self) -> tuple[Any, Any]:
        # Addresses do not tell them apart: Linux gives a port of the loopback interface again soon.
        accepted = super().get_request()
        self.connections += 1
        return accepted


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def many_switches() -> Iterator[None]:
    """Threads that interrupt each other as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as serving:
        thread = Thread(target=serving.serve_forever)
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.mark.usefixtures("many_switches")
def test_each_request_has_a_connection_of_its_own(server: Server) -> None:
    url = f"http://127.0.0.1:{server.server_port}"
    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    auth = {"auth_url": url, "username": "u", "password": "p", "project_name": "x"}
    session = connect({**defaults, "auth": auth}, Redactor()).session
    with ThreadPoolExecutor(16) as pool:
        replies = list(
            pool.map(lambda _unused: session.get(url, authenticated=False).json(), range(REQUESTS))
        )
    assert replies == [{}] * REQUESTS
    assert server.connections == REQUESTS
