# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.client import HostClient
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import CELL0_UUID
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES
from servers.mariadb import Server, mariadb

PASSWORD = "p@ss/w%rd$x"
QUOTED = "p%40ss%2Fw%25rd%24x"

# What nova-manage does, as far as a caller can tell: read the configuration, stamp the database.
PROGRAM = """#!{python}
import os, sys
from oslo_config import cfg
from sqlalchemy_url import connect

def migrate(migrations):
    # As nova-manage does and tells it: in batches, until one does nothing. None is a migration that raises.
    names = [name for name in ("populate_x", "populate_y") if name in migrations]
    batches, totals, failed, ran = 0, dict.fromkeys(names, (0, 0)), False, None
    print("Running batches of 50 until complete")
    while ran is None or ran:
        ran, failed = 0, False
        for name in names:
            result = migrations[name][min(batches, len(migrations[name]) - 1)]
            if result is None:
                print("Error attempting to run <function %s at 0x7f>" % name)
                failed = True
            found, done = result or (0, 0)
            if found:
                print("%d rows matched query %s, %d migrated" % (found, name, done))
            totals[name] = (totals[name][0] + found, totals[name][1] + done)
            ran += done
        batches += 1
    print("| Migration | Total Needed | Completed |")
    for name, (found, done) in totals.items():
        print("| %s | %d | %d |" % (name, found, done))
    if failed:
        print("Some migrations failed unexpectedly. Check log for details.")
    return 2 if failed else 0

words = [word for word in sys.argv[1:] if not word.endswith(".conf") and word != "--config-file"]
files = [word for word in sys.argv[1:] if word.endswith(".conf")]
if "--no-percent" in words and "%" in open(files[0]).read() and "OS_DATABASE__CONNECTION" not in os.environ:
    sys.exit("invalid interpolation syntax")
if os.path.exists("{home}/broken"):
    sys.exit("the migration failed at step 7")
conf = cfg.ConfigOpts()
conf([word for path in files for word in ("--config-file", path)], project="itnova")
section = "api_database" if words[0] == "api_db" else "database"
conf.register_opt(cfg.StrOpt("connection"), group=section)
if words[1] == "online_data_migrations":
    sys.exit(migrate({migrations}))
with connect(conf[section].connection).cursor() as cursor:
    # No migration makes its tables twice.
    cursor.execute("CREATE TABLE made (id int)")
    cursor.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num varchar(32) PRIMARY KEY)")
    cursor.execute("REPLACE INTO alembic_version VALUES ('second')")
open("{home}/calls", "a").write(" ".join(words) + "\\n")
"""

# What SQLAlchemy and PyMySQL make of a URL, without SQLAlchemy.
CONNECT = """
import re, urllib.parse
import pymysql

def connect(url):
    form = r"[^:]+://(?:([^:]*):([^@]*)@)?([^:/]*):([0-9]+)/([^?]*)(?:.read_default_file=(.*))?"
    user, password, host, port, database, login = re.fullmatch(form, url).groups()
    if login:
        who = {"read_default_file": login}
    else:
        who = {"user": urllib.parse.unquote(user), "password": urllib.parse.unquote(password)}
    return pymysql.connect(host=host, port=int(port), database=database, autocommit=True, **who)
"""


@dataclass
class Host:
    """A service that is installed, configured and has its databases."""

    server: Server
    home: Path
    desired: Desired
    warnings: list[str] = field(default_factory=list)

    def url(self, database: str) -> str:
        return f"mysql+pymysql://it:{QUOTED}@127.0.0.1:{self.server.port}/{database}"

    def client(self) -> HostClient:
        return HostClient(Redactor(), self.warnings.append)

    def desired_with(self, cell0: str) -> Desired:
        """All schemas, cell0's at this URL."""
        return replace(self.desired, cell0_connection=cell0)

    def stamp(self, database: str, *revisions: str, table: str = "alembic_version") -> None:
        self.server.query(f"CREATE OR REPLACE TABLE {database}.{table} (version_num varchar(32) PRIMARY KEY)")
        for revision in revisions:
            self.server.query(f"INSERT INTO {database}.{table} VALUES ('{revision}')")

    def map_cell0(self, connection: str) -> None:
        self.server.query("CREATE TABLE it_api.cell_mappings (uuid varchar(36), database_connection text)")
        self.server.query("INSERT INTO it_api.cell_mappings VALUES (%s, %s)", (CELL0_UUID, connection))

    def write_program(self, **migrations: Sequence[tuple[int, int] | None]) -> None:
        """``migrations`` are what each found and did in each batch, the last one for ever; None: it raised."""
        program = self.home / "it-manage"
        program.write_text(
            PROGRAM.replace("{python}", sys.executable)
            .replace("{home}", str(self.home))
            .replace("{migrations}", repr(migrations))
        )
        program.chmod(0o755)

    @property
    def calls(self) -> list[str]:
        path = self.home / "calls"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    memory = Path("/dev/shm")
    with (
        tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory,
        mariadb(Path(directory)) as server,
    ):
        server.query("CREATE USER it@'%%' IDENTIFIED BY %s", (PASSWORD,))
        server.query("GRANT ALL PRIVILEGES ON `it%%`.* TO it@'%%'")
        yield server


@pytest.fixture
def host(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    package = tmp_path / "packages" / "itnova"
    nova = SERVICES["nova"]
    for schema in nova.schemas:
        versions = package / schema.alembic
        versions.mkdir(parents=True, exist_ok=True)
        (versions / "first.py").write_text('revision = "first"\ndown_revision = None\n')
        (versions / "second.py").write_text('revision = "second"\ndown_revision = "first"\n')
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    (tmp_path / "sqlalchemy_url.py").write_text(CONNECT)
    monkeypatch.syspath_prepend(str(tmp_path / "packages"))
    service = replace(nova, name="itnova", program=str(tmp_path / "it-manage"))
    host = Host(
        server, tmp_path, Desired(service, files=(str(tmp_path / "it.conf"),), run_as=getpass.getuser())
    )
    host.write_program()
    (tmp_path / "it.conf").write_text(
        f"[api_database]\nconnection = {host.url('it_api')}\n[database]\nconnection = {host.url('it')}\n"
    )
    for database in ("it_api", "it", "it_cell0"):
        server.query(f"CREATE DATABASE {database}")
    yield host
    for row in server.query("SHOW DATABASES LIKE 'it%%'"):
        (database,) = row.values()
        server.query(f"DROP DATABASE {database}")
