# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the administrator's token goes: to the endpoints of one interface, and not to look for versions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import (
    ARGUMENTS,
    VersionedApi,
    connect,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor

TOKEN = "t0ken-of-the-administrator"
DEFAULTS = {name: option.get("default") for name, option in ARGUMENTS.items()}


class Server(ThreadingHTTPServer):
    """A Keystone and a Nova; keeps what came, as (path, token)."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.catalog: list[dict[str, Any]] = []
        super().__init__(("127.0.0.1", 0), Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["X-Auth-Token"]))
        links = [{"rel": "self", "href": f"{self.server.url}/v2.1/"}]
        version = {"id": "v2.1", "status": "CURRENT", "version": "2.90", "min_version": "2.1", "links": links}
        self.answer(200, {"servers": []} if "servers" in self.path else {"versions": [version]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        token = {
            "methods": ["password"],
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "user": {"id": "u", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "p", "name": "admin", "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": "r", "name": "admin"}],
            "catalog": self.server.catalog,
        }
        self.answer(201, {"token": token})

    def answer(self, status: int, body: Any) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Subject-Token", TOKEN)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def servers() -> Iterator[dict[str, Server]]:
    """Keystone, and Nova under each interface."""
    servers = {name: Server() for name in ("identity", "public", "internal", "admin")}
    endpoints = [
        {
            "interface": name,
            "region": "RegionOne",
            "region_id": "RegionOne",
            "url": server.url,
            "id": name,
        }
        for name, server in servers.items()
        if name != "identity"
    ]
    servers["identity"].catalog = [{"type": "compute", "name": "nova", "id": "n", "endpoints": endpoints}]
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


def test_the_token_goes_to_one_interface_and_not_to_look_for_versions(servers: dict[str, Server]) -> None:
    auth = {
        "auth_url": servers["identity"].url,
        "username": "admin",
        "password": "s3cret",
        "project_name": "admin",
    }
    cloud = connect({**DEFAULTS, "auth": auth, "interface": "internal"}, Redactor())
    api = VersionedApi(cloud, interface="internal", region_name="RegionOne")
    assert api.request("GET", "compute", "/servers") == {"servers": []}
    discovery, question = servers["internal"].seen
    assert discovery == ("/", None)
    assert question == ("/v2.1/servers", TOKEN)
    assert servers["public"].seen == servers["admin"].seen == []
