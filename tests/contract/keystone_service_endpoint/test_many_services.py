# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What many services cost, in requests to a real Keystone: those tell growth where seconds tell the machine."""

from __future__ import annotations

from collections import Counter
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint
from fakes.modules import run_module
from servers.keystone import Server

INTERFACES = ("public", "internal", "admin")
URL = "http://controller/v1"
LISTS = ("services", "endpoints", "regions", "roles", "projects", "users", "role_assignments")


def many(name: str, number: int) -> list[dict[str, Any]]:
    """Services with three endpoints each, every fourth with a user."""
    return [
        {
            "name": f"{name}-{serial}",
            "type": f"{name}-{serial}",
            "endpoints": dict.fromkeys(INTERFACES, URL),
            **({} if serial % 4 else {"user": f"{name}-{serial}", "password": f"s3cret-{serial}"}),
        }
        for serial in range(number)
    ]


class Registrar:
    """Runs the module and counts the requests that it sends."""

    def __init__(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        self.server = server
        self.sent: list[str] = []
        original = requests.Session.send

        def send(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
            self.sent.append(f"{request.method} {urlsplit(str(request.url)).path.split('/')[2]}")
            return original(session, request, **options)

        monkeypatch.setattr(requests.Session, "send", send)

    def run(self, services: list[dict[str, Any]], *, changed: bool) -> Counter[str]:
        """How often each kind of request was sent: method and first part of the path."""
        self.sent.clear()
        result = run_module(keystone_service_endpoint, auth=self.server.auth, services=services)
        assert result.get("changed") is changed, result
        return Counter(self.sent)


@pytest.fixture
def registrar(server: Server, monkeypatch: pytest.MonkeyPatch) -> Registrar:
    """A Keystone that has the project, the roles and the region which all services share."""
    result = run_module(keystone_service_endpoint, auth=server.auth, services=many("it_shared", 1))
    assert "failed" not in result, result
    return Registrar(server, monkeypatch)


def test_each_service_takes_as_many_requests_as_the_one_before(registrar: Registrar, name: str) -> None:
    first, second, third = (
        registrar.run(many(f"{name}-{number}", number), changed=True) for number in (4, 8, 12)
    )
    # The user has two roles.
    four_services = {"POST services": 4, "POST endpoints": 12, "POST users": 1, "PUT projects": 2}
    # Several users are listed, and those that are not in the list are searched one by one.
    assert second - first == {**four_services, "GET users": 2}
    assert third - second == {**four_services, "GET users": 1}


def test_two_hundred_services_without_a_change_take_one_request_for_each_list(
    registrar: Registrar, name: str
) -> None:
    registrar.run(many(name, 9), changed=True)
    _insert(registrar.server, name, 9, 199)
    everything = many(name, 9) + [{**one, "user": None, "password": None} for one in many(name, 200)[9:]]
    sent = registrar.run(everything, changed=False)
    passwords = 3
    assert sent == {**{f"GET {kind}": 1 for kind in LISTS}, "POST auth": 1 + passwords}


def _insert(server: Server, name: str, first: int, last: int) -> None:
    """Services and their endpoints as they are after a registration, without the time that it takes."""
    numbers = f"keystone.seq_{first}_to_{last}"
    server.query(
        "INSERT INTO keystone.service (id, type, enabled, extra) SELECT MD5(CONCAT(%s, seq)), "
        "CONCAT(%s, '-', seq), 1, JSON_OBJECT('name', CONCAT(%s, '-', seq), 'description', '') "
        f"FROM {numbers}",
        *(name,) * 3,
    )
    for interface in INTERFACES:
        server.query(
            "INSERT INTO keystone.endpoint (id, interface, service_id, url, region_id, enabled, extra) "
            "SELECT MD5(CONCAT(%s, %s, seq)), %s, MD5(CONCAT(%s, seq)), %s, 'RegionOne', 1, '{}' "
            f"FROM {numbers}",
            *(name, interface, interface, name, URL),
        )
