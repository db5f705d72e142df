# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MariaDB server of a test's own: its directory, socket and port, ended with the test."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql

_START_SECONDS = 60


class Server:
    """A running server; ``query`` speaks to it as root over its socket."""

    def __init__(self, path: Path, port: int) -> None:
        self.path = path
        self.port = port
        self.unix_socket = str(path / "socket")

    def query(self, statement: str, values: tuple[Any, ...] = ()) -> list[dict[str, Any]]:
        """Run one statement; the rows that it gives."""
        connection = pymysql.connect(
            unix_socket=self.unix_socket, user="root", autocommit=True, cursorclass=pymysql.cursors.DictCursor
        )
        with connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return list(cursor.fetchall())


@contextmanager
def mariadb(path: Path, *options: str) -> Iterator[Server]:
    """Start a server in an empty directory, wait until it answers, and end it."""
    programs = {name: shutil.which(name) for name in ("mariadbd", "mariadb-install-db")}
    missing = [name for name, found in programs.items() if not found]
    assert not missing, f"install mariadb-server: this test starts its own server ({', '.join(missing)})"
    data = path / "data"
    me = f"--user={getpass.getuser()}"
    subprocess.run(
        [
            str(programs["mariadb-install-db"]),
            *("--no-defaults", me, f"--datadir={data}", "--auth-root-authentication-method=normal"),
            "--skip-test-db",
        ],
        check=True,
        capture_output=True,
    )
    server = Server(path, _free_port())
    with (path / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                str(programs["mariadbd"]),
                *("--no-defaults", me, f"--datadir={data}", f"--socket={server.unix_socket}"),
                *(f"--port={server.port}", "--bind-address=127.0.0.1", f"--pid-file={path / 'pid'}"),
                *("--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"),
                *options,
            ],
            stdout=log,
            stderr=log,
        )
    try:
        _wait(server, process)
        yield server
    finally:
        process.kill()
        process.wait()


def _wait(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, (server.path / "log").read_text(errors="replace")
        try:
            server.query("SELECT 1")
            return
        except pymysql.err.OperationalError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
