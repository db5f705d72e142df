# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Keystone of a test's own on its own MariaDB, both ended with the test."""

from __future__ import annotations

import getpass
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack import ARGUMENTS, connect
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from servers.mariadb import Server as Database
from servers.mariadb import mariadb
from servers.program import free_port
from servers.program import serving as running
from servers.virtualenv import virtualenv

ADMIN = "adm1n-s3cret"

# Four rounds of bcrypt instead of twelve: the tests set and try many passwords.
_CONFIGURATION = """\
[DEFAULT]
log_file = {log}
{options}
[database]
connection = mysql+pymysql://root@localhost/keystone?unix_socket={socket}
[fernet_tokens]
key_repository = {path}/fernet-keys
[fernet_receipts]
key_repository = {path}/fernet-keys
[credential]
key_repository = {path}/credential-keys
[identity]
password_hash_rounds = 4
"""


class Server:
    """A running Keystone. ``auth`` is that of its administrator, ``manage`` its keystone-manage.

    ``options`` of the section DEFAULT distinguish it from others with the same directory and database.
    """

    def __init__(self, path: Path, database: Database, port: int, **options: int) -> None:
        environment = virtualenv("keystone", "keystone>=26,<31", "PyMySQL>=1.1,<2")
        self.path = path
        self.url = f"http://127.0.0.1:{port}/v3"
        self.auth = {
            "auth_url": self.url,
            "username": "admin",
            "password": ADMIN,
            "project_name": "admin",
        }
        name = "-".join(("keystone", *options))
        lines = "\n".join(f"{option} = {value}" for option, value in options.items())
        self.log = path / f"{name}.log"
        self.configuration = path / f"{name}.conf"
        self.configuration.write_text(
            _CONFIGURATION.format(path=path, socket=database.unix_socket, log=self.log, options=lines)
        )
        self.python = environment / "bin/python"
        self.manage = environment / "bin/keystone-manage"
        self._database = database

    def query(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        """The rows of one statement; Keystone's tables are in the database ``keystone``."""
        return self._database.query(statement, values)

    def sibling(self, **options: int) -> Server:
        """Another API with these options, on the same database; not running yet."""
        return Server(self.path, self._database, free_port(), **options)

    def run(self, *words: str, **environment: str) -> None:
        """Run keystone-manage."""
        subprocess.run(
            [str(self.manage), "--config-file", str(self.configuration), *words],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
        )

    def cloud(self, **auth: str) -> Cloud:
        """A connection, the administrator's if ``auth`` does not say otherwise."""
        defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
        return connect({**defaults, "auth": {**self.auth, **auth}}, Redactor())


@contextmanager
def keystone(path: Path) -> Iterator[Server]:
    """Start one in an empty directory, with keys and an administrator."""
    me = getpass.getuser()
    with schema(path) as server:
        for setup in ("fernet_setup", "credential_setup"):
            server.run(setup, "--keystone-user", me, "--keystone-group", me)
        server.run("bootstrap", OS_BOOTSTRAP_PASSWORD=ADMIN)
        with serving(server):
            yield server


@contextmanager
def schema(path: Path) -> Iterator[Server]:
    """The database of one that knows nobody and has no keys, without which it does not start."""
    (path / "database").mkdir(parents=True)
    with mariadb(path / "database") as database:
        database.query("CREATE DATABASE keystone CHARACTER SET utf8mb3")
        server = Server(path, database, free_port())
        server.run("db_sync")
        yield server


@contextmanager
def serving(server: Server) -> Iterator[None]:
    """Run the API until the end of the block."""
    port = server.url.rsplit(":", 1)[1].split("/")[0]
    program = Path(__file__).with_name("keystone_wsgi.py")
    # Isolated, or this file would be the keystone that it imports.
    argv = [str(server.python), "-I", str(program), str(server.configuration), port]
    with running(argv, server.log.with_suffix(".output"), lambda: _ask(server.url), urllib.error.URLError):
        yield


def _ask(url: str) -> None:
    with urllib.request.urlopen(url, timeout=30):
        pass
