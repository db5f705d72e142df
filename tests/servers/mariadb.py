# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A MariaDB or MySQL server of a test's own: its directory, socket and port, ended with the test."""

from __future__ import annotations

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
from servers.debian import MACHINE, Tree
from servers.program import free_port, run, serving

# What mariadb-install-db feeds to the server, without help texts and test databases.
_SYSTEM_TABLES = ("system_tables", "performance_tables", "system_tables_data")
_MARIADB_PROGRAM = "usr/sbin/mariadbd"
_MYSQL_PROGRAM = "usr/sbin/mysqld"


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
def mariadb(path: Path, *options: str, tree: Tree = MACHINE) -> Iterator[Server]:
    """Start a MariaDB in an empty directory, wait until it answers, and end it; this machine's by default."""
    program = tree.root / _MARIADB_PROGRAM
    assert program.exists(), f"install mariadb-server: this test starts its own server ({program})"
    argv = [*tree.command(_MARIADB_PROGRAM), *_placed(path, tree, _share(tree, "mariadb"))]
    (path / "data").mkdir()
    (path / "tmp").mkdir()
    run([*argv, "--bootstrap"], "\n".join(_system_tables(_share(tree, "mariadb"))))
    with _serving(path, argv, options) as server:
        yield server


@contextmanager
def mysql(path: Path, *options: str, tree: Tree) -> Iterator[Server]:
    """Start a MySQL in an empty directory, wait until it answers, and end it."""
    argv = [*tree.command(_MYSQL_PROGRAM), *_placed(path, tree, _share(tree, "mysql"))]
    (path / "tmp").mkdir()
    run([*argv, "--initialize-insecure"])
    with _serving(
        path, argv, ("--mysqlx=OFF", "--skip-log-bin", "--secure-file-priv=NULL", *options)
    ) as server:
        yield server


@contextmanager
def _serving(path: Path, argv: Sequence[str], options: Sequence[str]) -> Iterator[Server]:
    server = Server(path, free_port())
    place = (
        *(f"--socket={server.unix_socket}", f"--port={server.port}", "--bind-address=127.0.0.1"),
        *(
            f"--pid-file={path / 'pid'}",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M",
        ),
    )
    with serving(
        [*argv, *place, *options],
        path / "log",
        lambda: server.query("SELECT 1"),
        pymysql.err.OperationalError,
    ):
        yield server


def _placed(path: Path, tree: Tree, share: Path) -> list[str]:
    """The options that every start needs; none of this machine's files is read."""
    return [
        *("--no-defaults", f"--user={getpass.getuser()}", f"--datadir={path / 'data'}"),
        # A server that starts removes the temporary tables of whoever shares this directory with it.
        f"--tmpdir={path / 'tmp'}",
        *(f"--basedir={tree.root / 'usr'}", f"--lc-messages-dir={share}"),
        *(f"--character-sets-dir={share / 'charsets'}", f"--plugin-dir={tree.root / 'usr/lib/mysql/plugin'}"),
    ]


def _share(tree: Tree, name: str) -> Path:
    """Where the server has its texts: newer packages of MariaDB gave them a separate directory."""
    own = tree.root / "usr/share" / name
    return own if (own / "charsets").exists() else tree.root / "usr/share/mysql"


def _system_tables(share: Path) -> Iterator[str]:
    """The statements that make a data directory, with a root that needs no password."""
    yield "CREATE DATABASE mysql;"
    yield "USE mysql;"
    yield "SET @auth_root_socket=NULL;"
    for part in _SYSTEM_TABLES:
        (script,) = share.glob(f"m*_{part}.sql")
        yield script.read_text()
