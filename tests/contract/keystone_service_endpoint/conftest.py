# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same cases against the fake and against a real Keystone."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.client import (
    IdentityApi,
    Keystone,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.writer import (
    CatalogWriter,
)
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint
from fakes.keystone import FakeKeystone
from fakes.modules import run_module
from servers.keystone import Server, keystone


class FakeWorld:
    """A Keystone in memory and what a test does with it behind the module's back."""

    def __init__(self) -> None:
        self.keystone = FakeKeystone()

    def api(self) -> IdentityApi:
        """A separate client."""
        return self.keystone

    def run(self, *services: dict[str, Any], check: bool = False, **params: Any) -> dict[str, Any]:
        """The module's result."""

        def prepare(operation: Any) -> None:
            operation.client = CatalogWriter(self.keystone)

        params.setdefault("auth", {"auth_url": "http://c:5000", "username": "admin", "password": "x"})
        return run_module(
            keystone_service_endpoint, prepare, check=check, diff=True, services=list(services), **params
        )

    def services(self, name: str) -> list[dict[str, Any]]:
        """The services of a name: type, enabled, and the sorted (region, interface, URL, enabled)."""
        return [
            {"type": one["type"], "enabled": one["enabled"], "endpoints": self._endpoints(one["id"])}
            for one in self.keystone.things["service"].values()
            if one["name"] == name
        ]

    def _endpoints(self, service_id: str) -> list[tuple[str, str, str, bool]]:
        return sorted(
            (one["region_id"], one["interface"], one["url"], one["enabled"])
            for one in self.keystone.things["endpoint"].values()
            if one["service_id"] == service_id
        )

    def add(self, kind: str, **body: Any) -> str:
        """Create something, by the API."""
        return self.keystone.create(kind, body)

    def change(self, kind: str, id: str, **changes: Any) -> None:
        """Change something, by the API."""
        self.keystone.update(kind, id, changes)

    def works(self, user: str, password: str) -> bool:
        """Whether the user can authenticate for the project service, with the role service there."""
        (found,) = (one for one in self.keystone.things["user"].values() if one["name"] == user)
        roles = {one["id"]: one["name"] for one in self.keystone.things["role"].values()}
        projects = {one["id"]: one for one in self.keystone.things["project"].values()}
        has = {
            roles[role]
            for one, project, role in self.keystone.assignments
            if one == found["id"] and projects[project]["name"] == "service" and projects[project]["enabled"]
        }
        return bool(found["enabled"] and found["password"] == password and "service" in has)

    def writes_of_passwords(self, user: str) -> int:
        """How often the user's password was written, its creation included."""
        return self.keystone.password_writes[user]


class RealWorld:
    """A real Keystone; what the module did is read with SQL, what a test does uses the API."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._api = Keystone(server.cloud())

    def api(self) -> IdentityApi:
        return Keystone(self.server.cloud())

    def run(self, *services: dict[str, Any], check: bool = False, **params: Any) -> dict[str, Any]:
        params.setdefault("auth", self.server.auth)
        return run_module(
            keystone_service_endpoint, check=check, diff=True, services=list(services), **params
        )

    def services(self, name: str) -> list[dict[str, Any]]:
        rows = self.server.query(
            "SELECT * FROM keystone.service WHERE JSON_VALUE(extra, '$.name') = %s", name
        )
        return [
            {
                "type": row["type"],
                "enabled": bool(row["enabled"]),
                "endpoints": self._endpoints(row["id"]),
            }
            for row in rows
        ]

    def _endpoints(self, service_id: str) -> list[tuple[str, str, str, bool]]:
        rows = self.server.query("SELECT * FROM keystone.endpoint WHERE service_id = %s", service_id)
        return sorted((row["region_id"], row["interface"], row["url"], bool(row["enabled"])) for row in rows)

    def add(self, kind: str, **body: Any) -> str:
        return self._api.create(kind, body)

    def change(self, kind: str, id: str, **changes: Any) -> None:
        self._api.update(kind, id, changes)

    def works(self, user: str, password: str) -> bool:
        cloud = self.server.cloud(username=user, password=password, project_name="service")
        try:
            return "service" in cloud.access().role_names
        except ApiError as error:
            assert error.status == 401
            return False

    def writes_of_passwords(self, user: str) -> int:
        # Each write of a password makes a row, and expires the rows before.
        rows = self.server.query(
            "SELECT password.id FROM keystone.password "
            "JOIN keystone.local_user ON local_user.id = local_user_id WHERE name = %s",
            user,
        )
        return len(rows)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A Keystone that was just bootstrapped."""
    with keystone(tmp_path_factory.mktemp("keystone")) as running:
        # Keystone loads its policies with the first request, and may refuse others that come meanwhile.
        running.cloud().identity.get("/regions")
        yield running


@pytest.fixture(params=["fake", "real"])
def world(request: pytest.FixtureRequest) -> FakeWorld | RealWorld:
    """What the module manages."""
    if request.param == "fake":
        return FakeWorld()
    return RealWorld(request.getfixturevalue("server"))


@pytest.fixture
def name() -> str:
    """A name that no other test uses: all share the real Keystone."""
    return f"it_{uuid.uuid4().hex[:8]}"
