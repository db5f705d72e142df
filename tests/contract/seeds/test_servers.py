# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and accounts of each guide, as the collection makes them on real servers, are those of the guide."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint, nova_db
from fakes.modules import run_module
from seeds.comparison import Prediction, different, known_deviations, of_databases, of_keystone
from seeds.guides import RELEASES, guide
from seeds.prediction import predicted
from servers.keystone import Server as KeystoneServer
from servers.keystone import keystone
from servers.mariadb import Server as DatabaseServer
from servers.mariadb import mariadb

# The other one adds a compute host to a cloud.
WITH_SERVERS = [release for release in RELEASES if "databases" in guide(release)]


class OnDatabase(Prediction):
    """What a database server has, in the shape of the guides."""

    def __init__(self, release: str, shared: Path, server: DatabaseServer) -> None:
        super().__init__(guide(release), predicted(release, shared))
        self._server = server

    def apply(self) -> None:
        """Run the tasks with nova_db for real."""
        login = {"login_unix_socket": self._server.unix_socket, "login_user": "root"}
        for task in self.on("controller", "nova_db"):
            result = run_module(nova_db, **{**task.parameters, **login})
            assert "failed" not in result, result

    def databases(self) -> dict[str, dict[str, Any]]:
        """As the server tells it."""
        names = {row["Database"] for row in self._server.query("SHOW DATABASES")}
        asked = super().databases()
        return {name: self._database(name, asked[name]["password"]) for name in names & asked.keys()}

    def _database(self, name: str, password: str) -> dict[str, Any]:
        rows = self._server.query("SELECT * FROM mysql.db WHERE Db = %s", (name.replace("_", r"\_"),))
        (user,) = {row["User"] for row in rows}
        granted = {
            privilege
            for row in rows
            for privilege, value in row.items()
            if privilege.endswith("_priv") and value != "Y" and privilege != "Grant_priv"
        }
        # The guides name the socket's account first.
        hosts = sorted((row["Host"] for row in rows), reverse=True)
        works = all(self._enters(user, password, name, **way) for way in self._ways)
        return {
            "user": user,
            "hosts": hosts,
            "privileges": None if granted else "ALL",
            "password": password if works else None,
        }

    @property
    def _ways(self) -> list[dict[str, Any]]:
        return [{"unix_socket": self._server.unix_socket}, {"host": "127.0.0.1", "port": self._server.port}]

    def _enters(self, user: str, password: str, database: str, **way: Any) -> bool:
        with pymysql.connect(
            user=user, password=password, database=database, ssl_disabled=True, **way
        ) as one:
            return bool(one.open)


class OnKeystone(Prediction):
    """What a Keystone has, in the shape of the guides."""

    def __init__(self, release: str, shared: Path, server: KeystoneServer) -> None:
        super().__init__(guide(release), predicted(release, shared))
        self._server = server
        self._asked = Prediction(self.facts, self.tasks).users()

    def apply(self) -> None:
        """Run the tasks with keystone_service_endpoint for real, on the Keystone of the test."""
        for task in self.on("controller", "keystone_service_endpoint"):
            parameters = {**task.parameters, "auth": self._server.auth, "interface": "public"}
            result = run_module(keystone_service_endpoint, **parameters)
            assert "failed" not in result, result

    def _all(self, kind: str) -> list[Mapping[str, Any]]:
        found: list[Mapping[str, Any]] = self._server.cloud().identity.get(f"/{kind}")[kind]
        return found

    @property
    def registrations(self) -> list[Mapping[str, Any]]:
        """The services of the catalog."""
        endpoints = self._all("endpoints")
        return [
            {
                "name": service["name"],
                "type": service["type"],
                "description": service.get("description"),
                "region": endpoint_regions[0],
                "endpoints": {one["interface"]: one["url"] for one in own},
            }
            for service in self._all("services")
            if (own := [one for one in endpoints if one["service_id"] == service["id"]])
            and (endpoint_regions := sorted({one["region_id"] for one in own}))
        ]

    def users(self) -> dict[str, dict[str, Any]]:
        """The users with their roles; those of the predicted passwords that let them in."""
        roles = {one["id"]: one["name"] for one in self._all("roles")}
        projects = {one["id"]: one["name"] for one in self._all("projects")}
        found: dict[str, dict[str, Any]] = {}
        for user in self._all("users"):
            given: dict[str, list[str]] = {}
            path = f"/role_assignments?user.id={user['id']}"
            for one in self._server.cloud().identity.get(path)["role_assignments"]:
                if "project" in one["scope"]:
                    given.setdefault(projects[one["scope"]["project"]["id"]], []).append(
                        roles[one["role"]["id"]]
                    )
            password = self._asked.get(user["name"], {}).get("password")
            works = password is not None and self._enters(user["name"], password, next(iter(given), "admin"))
            found[user["name"]] = {
                "domain": user["domain_id"],
                "password": password if works else None,
                "roles": given,
            }
        return found

    def _enters(self, user: str, password: str, project: str) -> bool:
        cloud = self._server.cloud(username=user, password=password, project_name=project)
        try:
            return bool(cloud.access().role_names)
        except ApiError:
            return False


def expected(release: str, part: str) -> dict[str, str | None]:
    deviations = known_deviations(release)
    return {pointer: value for pointer, value in deviations.items() if pointer.startswith(part)}


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where predictions are."""
    return tmp_path_factory.mktemp("predictions")


@pytest.mark.parametrize("release", WITH_SERVERS)
def test_databases_and_accounts(release: str, tmp_path: Path, shared: Path) -> None:
    with mariadb(tmp_path) as server:
        cloud = OnDatabase(release, shared, server)
        assert not cloud.databases()
        cloud.apply()
        assert different(of_databases(cloud)) == expected(release, "databases")


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeystoneServer]:
    """A Keystone that was just bootstrapped."""
    with keystone(tmp_path_factory.mktemp("keystone")) as running:
        running.cloud().identity.get("/regions")
        yield running


@pytest.mark.parametrize("release", WITH_SERVERS)
def test_accounts_and_endpoints(release: str, shared: Path, identity: KeystoneServer) -> None:
    cloud = OnKeystone(release, shared, identity)
    cloud.apply()
    # Its administrator is the one of the test.
    found = different(
        pair for pair in of_keystone(cloud) if not pair.pointer.startswith("keystone > users > admin")
    )
    assert found == expected(release, "keystone")
