# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database servers that the collection works with, as Debian's releases ship them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from servers.debian import packages
from servers.mariadb import Server, mariadb, mysql


@dataclass(frozen=True)
class Release:
    """One server: the suite and package it comes from, and its authentication plugins that have passwords.

    ``version`` is what the server's own word for it begins with; ``modules`` are plugins that are not built in.
    """

    suite: str
    package: str
    start: Callable[..., AbstractContextManager[Server]]
    version: str
    plugins: tuple[str, ...]
    modules: tuple[str, ...]


_NATIVE = "mysql_native_password"
MARIADB = {
    "mariadb-10.5": Release(
        "bullseye", "mariadb-server", mariadb, "10.5.", (_NATIVE, "ed25519"), ("auth_ed25519",)
    ),
    "mariadb-10.11": Release(
        "bookworm", "mariadb-server", mariadb, "10.11.", (_NATIVE, "ed25519"), ("auth_ed25519",)
    ),
    "mariadb-11.8": Release(
        *("trixie", "mariadb-server", mariadb, "11.8."),
        *((_NATIVE, "ed25519", "parsec"), ("auth_ed25519", "auth_parsec")),
    ),
}
# No release of Debian has a MySQL; sid has the current one.
MYSQL = {
    "mysql": Release(
        *("sid", "mysql-server-core", mysql, ""),
        *(("caching_sha2_password", "sha256_password"), ("auth_socket.so",)),
    ),
}
RELEASES = {**MARIADB, **MYSQL}


@contextmanager
def running(release: Release, path: Path, *options: str) -> Iterator[Server]:
    """Start the server of a release in an empty directory, and end it."""
    tree = packages(release.suite, release.package)
    modules = (f"--plugin-load-add={module}" for module in release.modules)
    with release.start(path, *modules, *options, tree=tree) as server:
        ((version,),) = (row.values() for row in server.query("SELECT VERSION()"))
        assert version.startswith(release.version), f"{release.suite} has {version}, not {release.version}"
        yield server
