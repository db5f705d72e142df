# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where requests go and in which version, whatever the catalog says of versions, and where the token goes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.microversions import (
    CHOSEN_HOST,
    FIRST_DAY,
    HOSTS,
    MIGRATIONS,
    Microversion,
)
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS, connect
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor

TOKEN = "t0ken-of-the-administrator"
DEFAULTS = {name: option.get("default") for name, option in ARGUMENTS.items()}


class Server(ThreadingHTTPServer):
    """A Keystone, or a service of one version; keeps what came: paths, tokens and microversions."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None]] = []
        self.microversions: list[str | None] = []
        self.catalog: list[dict[str, Any]] = []
        self.version = "v2.1"
        self.is_locked = False
        super().__init__(("127.0.0.1", 0), Handler)
        Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.seen.append((self.path, self.headers["X-Auth-Token"]))
        self.server.microversions.append(self.headers["OpenStack-API-Version"])
        links = [{"rel": "self", "href": f"{self.server.url}/{self.server.version}/"}]
        version = {"id": self.server.version, "status": "CURRENT", "links": links}
        self.answer(200, {"servers": []} if "servers" in self.path else {"versions": [version]})

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_locked:
            self.answer(401, {"error": {"code": 401, "message": "Who are you?"}})
            return
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


class Servers(dict[str, Server]):
    """A Keystone, and a service of type "compute" under each interface."""

    def register(
        self, path: str = "", kind: str = "compute", regions: Sequence[str] = ("RegionOne",)
    ) -> None:
        """Have the catalog lead to a path of the servers; in all ``regions`` but the last to another."""
        endpoints = [
            {
                "interface": name,
                "region": region,
                "region_id": region,
                "url": f"{server.url}{path}" if region == regions[-1] else f"{server.url}/elsewhere/v2.1",
                "id": f"{name} {region}",
            }
            for region in regions
            for name, server in self.items()
            if name != "identity"
        ]
        self["identity"].catalog = [{"type": kind, "name": kind, "id": "n", "endpoints": endpoints}]

    def connect(self) -> Cloud:
        auth = {
            "auth_url": self["identity"].url,
            "username": "admin",
            "password": "s3cret",
            "project_name": "admin",
        }
        return connect({**DEFAULTS, "auth": auth, "interface": "internal"}, Redactor())


@pytest.fixture
def servers() -> Iterator[Servers]:
    servers = Servers({name: Server() for name in ("identity", "public", "internal", "admin")})
    servers.register()
    yield servers
    for server in servers.values():
        server.shutdown()
        server.server_close()


def test_the_token_goes_to_one_interface_and_not_to_look_for_versions(servers: Servers) -> None:
    assert servers.connect().compute(HOSTS).get("/servers") == {"servers": []}
    discovery, question = servers["internal"].seen
    assert discovery == ("/", None)
    assert question == ("/v2.1/servers", TOKEN)
    assert servers["public"].seen == servers["admin"].seen == []


@pytest.mark.parametrize(
    ("service", "version"), [("compute", "v2.1"), ("image", "v2"), ("image", "v2.9"), ("network", "v2.0")]
)
def test_requests_follow_the_endpoint_of_the_version(servers: Servers, service: str, version: str) -> None:
    servers.register(kind=service)
    servers["internal"].version = version
    cloud = servers.connect()
    api = cloud.compute(HOSTS) if service == "compute" else getattr(cloud, service)
    api.get("/servers")
    api.get("/servers")
    assert [path for path, _token in servers["internal"].seen] == ["/"] + [f"/{version}/servers"] * 2


@pytest.mark.parametrize("path", ["/v2.1", "/v2.1/"])
def test_a_catalog_that_names_the_version_is_believed(servers: Servers, path: str) -> None:
    servers.register(path)
    servers.connect().compute(HOSTS).get("/servers")
    assert [path for path, _token in servers["internal"].seen] == ["/v2.1/servers"]


@pytest.mark.parametrize("line", [HOSTS, MIGRATIONS, FIRST_DAY, CHOSEN_HOST], ids=lambda line: line.number)
def test_nova_is_asked_in_the_microversion_of_the_purpose(servers: Servers, line: Microversion) -> None:
    servers.register("/v2.1")
    servers.connect().compute(line).get("/servers")
    assert servers["internal"].microversions == [f"compute {line.number}"]


def test_placement_is_asked_at_the_url_of_the_catalog_in_its_first_microversion(servers: Servers) -> None:
    servers.register("/placement", "placement")
    servers.connect().placement.get("/servers")
    assert servers["internal"].seen == [("/placement/servers", TOKEN)]
    assert servers["internal"].microversions == [None]


def test_an_api_that_is_not_registered(servers: Servers) -> None:
    with pytest.raises(UnreachableError, match=r"Cannot read network agents: .* Register the endpoint"):
        servers.connect().network.get("/agents", subject="network agents")


def test_an_api_of_another_version(servers: Servers) -> None:
    servers["internal"].version = "v3"
    with pytest.raises(UnreachableError, match=r"Cannot read servers: .* Register the endpoint"):
        servers.connect().compute(HOSTS).get("/servers", subject="servers")


@pytest.mark.parametrize("path", ["", "/v2.1"])
def test_an_api_that_does_not_run(servers: Servers, path: str) -> None:
    servers.register(path)
    servers["internal"].shutdown()
    servers["internal"].server_close()
    with pytest.raises(UnreachableError, match=r"Cannot read servers: .*connection refused.* See whether"):
        servers.connect().compute(HOSTS).get("/servers", subject="servers")


@pytest.mark.parametrize("service", ["compute", "image", "network", "placement"])
def test_the_region_of_a_file_counts(
    servers: Servers, service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    servers.register("/v2.1", service, ["RegionOne", "RegionTwo"])
    (tmp_path / "clouds.yaml").write_text(
        "clouds: {lab: {region_name: RegionTwo, auth_type: v3password, "
        f"auth: {{auth_url: '{servers['identity'].url}/v3', username: admin, "
        "password: s3cret, project_name: admin, user_domain_id: default, project_domain_id: default}}}\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    cloud = connect({**DEFAULTS, "cloud": "lab"}, Redactor())
    api = cloud.compute(HOSTS) if service == "compute" else getattr(cloud, service)
    api.get("/servers")
    assert servers["public"].seen[-1] == ("/v2.1/servers", TOKEN)


def test_the_project_is_that_of_the_token(servers: Servers) -> None:
    assert servers.connect().project_id == "p"
    assert servers["identity"].seen == []


def test_wrong_credentials_are_no_silent_api(servers: Servers) -> None:
    servers["identity"].is_locked = True
    cloud = servers.connect()
    for ask in (lambda: cloud.project_id, lambda: cloud.compute(HOSTS).get("/servers")):
        with pytest.raises(ApiError, match="Check the user, password, project and domains"):
            ask()
