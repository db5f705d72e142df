# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import json
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.stackwright.nova.plugins.modules import cell_v2
from fakes.cloud import FakeCloud
from fakes.modules import run_module
from servers.mariadb import Server, mariadb

DATABASES = ("nova_api", "nova", "nova_cell0", "nova_east")


class RealCloud:
    """The same as FakeCloud, with a database server and the installed nova-manage."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self.config_file = path / "nova.conf"
        self.state_path = path
        self.outputs: list[str] = []

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def configure(self, password: str, rabbit: str) -> None:
        self.server.query("CREATE OR REPLACE USER nova@'127.0.0.1' IDENTIFIED BY %s", (unquote(password),))
        self.server.query("GRANT ALL ON `nova%%`.* TO nova@'127.0.0.1'")
        self.config_file.write_text(
            f"[DEFAULT]\nstate_path = {self.state_path}\ntransport_url = rabbit://openstack:{rabbit}@mq:5672/\n"
            f"[api_database]\nconnection = {_escaped(self.database('nova_api', password))}\n"
            f"[database]\nconnection = {_escaped(self.database('nova', password))}\n"
        )

    def database(self, name: str, password: str) -> str:
        return f"mysql+pymysql://nova:{password}@{self.place}/{name}"

    def run(self, **params: Any) -> dict[str, Any]:
        result = run_module(
            cell_v2, config_file=str(self.config_file), run_as=getpass.getuser(), **{"timeout": 3, **params}
        )
        self.outputs.append(json.dumps(result))
        return result

    def stored(self) -> dict[str, tuple[str, str, bool]]:
        rows = self.server.query("SELECT * FROM nova_api.cell_mappings ORDER BY id")
        return {
            row["name"]: (row["transport_url"], row["database_connection"], bool(row["disabled"]))
            for row in rows
        }

    def mapped(self) -> dict[str, str]:
        rows = self.server.query(
            "SELECT host, name FROM nova_api.host_mappings h "
            "JOIN nova_api.cell_mappings c ON c.id = h.cell_id"
        )
        return {row["host"]: row["name"] for row in rows}

    def add_compute(self, database: str, host: str, *, node: bool = True, marked: bool = False) -> None:
        known = self.server.query(f"SELECT id FROM {database}.services WHERE host = %s", (host,))
        if not known:
            self.server.query(
                f"INSERT INTO {database}.services (created_at, last_seen_up, uuid, host, `binary`, topic, "
                "report_count, disabled, forced_down, deleted, version) VALUES (UTC_TIMESTAMP(), "
                "UTC_TIMESTAMP(), %s, %s, 'nova-compute', 'compute', 1, 0, 0, 0, 66)",
                (str(uuid.uuid4()), host),
            )
        self.server.query(
            f"UPDATE {database}.services SET last_seen_up = UTC_TIMESTAMP() WHERE host = %s", (host,)
        )
        if node:
            self.server.query(
                f"INSERT INTO {database}.compute_nodes (uuid, host, hypervisor_hostname, mapped, deleted, "
                "vcpus, memory_mb, local_gb, vcpus_used, memory_mb_used, local_gb_used, hypervisor_type, "
                "hypervisor_version, cpu_info) VALUES (%s, %s, %s, %s, 0, 1, 1, 1, 0, 0, 0, 'QEMU', 1, '')",
                (str(uuid.uuid4()), host, host, int(marked)),
            )

    def add_instance(self, database: str, host: str, cell: str) -> str:
        name = str(uuid.uuid4())
        self.server.query(
            f"INSERT INTO {database}.instances (uuid, host, node, deleted, project_id, user_id, created_at) "
            "VALUES (%s, %s, %s, 0, 'p', 'u', UTC_TIMESTAMP())",
            (name, host, host),
        )
        self.server.query(
            "INSERT INTO nova_api.instance_mappings (instance_uuid, cell_id, project_id) "
            "SELECT %s, id, 'p' FROM nova_api.cell_mappings WHERE name = %s",
            (name, cell),
        )
        return name

    def take_away(self, database: str) -> None:
        self.server.query(f"DROP DATABASE IF EXISTS {database}")

    def drop_instances(self, database: str) -> None:
        self.server.query(f"DELETE FROM {database}.instances")
        self.server.query("DELETE FROM nova_api.instance_mappings")


def _escaped(url: str) -> str:
    return url.replace("$", "\\$")


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealCloud]:
    """A database server with Nova's schemas, made by nova-manage."""
    assert shutil.which("nova-manage"), "install nova-common: these tests run the real nova-manage"
    path = tmp_path_factory.mktemp("cells")
    with mariadb(path) as server:
        for name in DATABASES:
            server.query(f"CREATE DATABASE {name}")
        cloud = RealCloud(server, path)
        cloud.configure("plain", "plain")
        for command in (["api_db", "sync"], ["db", "sync", "--local_cell"]):
            subprocess.run(
                ["nova-manage", "--config-file", str(cloud.config_file), *command],
                check=True,
                capture_output=True,
            )
        for row in server.query(
            "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'nova'"
        ):
            server.query(f"CREATE TABLE nova_east.{row['name']} LIKE nova.{row['name']}")
        yield cloud


@pytest.fixture(params=["fake", "real"])
def cloud(request: pytest.FixtureRequest) -> FakeCloud | RealCloud:
    """A controller with a schema and no cells."""
    if request.param == "fake":
        return FakeCloud()
    real: RealCloud = request.getfixturevalue("deployment")
    for table in ("host_mappings", "instance_mappings", "cell_mappings"):
        real.server.query(f"DELETE FROM nova_api.{table}")
    for database in ("nova", "nova_east"):
        for table in ("instances", "compute_nodes", "services"):
            real.server.query(f"DELETE FROM {database}.{table}")
    real.outputs.clear()
    return real
