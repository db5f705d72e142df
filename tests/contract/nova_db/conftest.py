# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import getpass
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.client import (
    DatabaseClient,
    MysqlClient,
)
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fakes.database import FakeServer
from servers.releases import MARIADB, RELEASES, running

# The socket knows who asks, so this is the administrator that needs no password.
ADMINISTRATOR = getpass.getuser()


@dataclass(frozen=True)
class Server:
    """A running server, its socket, its port on 127.0.0.1 and the authority of its certificate."""

    mariadb: bool
    socket: str
    port: int
    ca_cert: Path

    def query(self, statement: str, **login: Any) -> Any:
        """The rows of one statement, over a connection of the test's own."""
        place = {} if "host" in login else {"unix_socket": self.socket}
        connection = pymysql.connect(
            **{"user": ADMINISTRATOR, **place, **login}, autocommit=True, ssl_disabled=True
        )
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def client(self, **login: Any) -> MysqlClient:
        """The real client; the administrator over the socket unless told otherwise."""
        return MysqlClient(Login(**{"user": ADMINISTRATOR, "unix_socket": self.socket, **login}))

    def create_administrator(self, host: str, require: str = "NONE") -> None:
        """Another administrator, ``it_admin`` with the password ``x``."""
        self.query(f"CREATE USER it_admin@'{host}' IDENTIFIED BY 'x' REQUIRE {require}")
        self.query(f"GRANT ALL PRIVILEGES ON *.* TO it_admin@'{host}' WITH GRANT OPTION")

    def identify(self, user: str, host: str, plugin: str, password: str | None = None) -> None:
        """Give an account a plugin, in the server's own words; without a password where it has none."""
        if self.mariadb:
            how = f"VIA {plugin}" + (f" USING PASSWORD('{password}')" if password else "")
        else:
            how = f"WITH {plugin}" + (f" BY '{password}'" if password else "")
        self.query(f"ALTER USER '{user}'@'{host}' IDENTIFIED {how}")

    def age_password(self, user: str, host: str) -> None:
        """Let an account's password be five days old."""
        where = f"WHERE User = '{user}' AND Host = '{host}'"
        if self.mariadb:
            old = "JSON_REPLACE(Priv, '$.password_last_changed', UNIX_TIMESTAMP() - 5 * 86400)"
            self.query(f"UPDATE mysql.global_priv SET Priv = {old} {where}")
        else:
            self.query(f"UPDATE mysql.user SET password_last_changed = NOW() - INTERVAL 5 DAY {where}")
        self.query("FLUSH PRIVILEGES")

    def lose_plugin(self, user: str) -> None:
        """Give all accounts of a user a plugin that is not loaded, as after an upgrade of the server."""
        if self.mariadb:
            lost = "global_priv SET Priv = JSON_REPLACE(Priv, '$.plugin', 'it_lost')"
        else:
            lost = "user SET plugin = 'mysql_native_password'"
        self.query(f"UPDATE mysql.{lost} WHERE User = '{user}'")
        self.query("FLUSH PRIVILEGES")

    @property
    def socket_plugin(self) -> str:
        """The plugin that asks the socket who is there."""
        return "unix_socket" if self.mariadb else "auth_socket"


@pytest.fixture(scope="session")
def started() -> Iterator[Callable[[str], Server]]:
    """The server of a release by its name, started on the first call; all end with the session."""
    with ExitStack() as stack:
        yield cache(lambda name: stack.enter_context(_started(name)))


@pytest.fixture(params=["fake", "fake-mysql", *RELEASES])
def client(request: pytest.FixtureRequest, started: Callable[[str], Server]) -> Iterator[DatabaseClient]:
    """The fake servers, then the real ones; what a test makes there is gone afterwards."""
    if request.param.startswith("fake"):
        yield FakeServer(mariadb=request.param == "fake")
    else:
        with _cleaned(started(request.param)) as server:
            yield server.client()


@pytest.fixture(params=RELEASES)
def clean(request: pytest.FixtureRequest, started: Callable[[str], Server]) -> Iterator[Server]:
    """Each real server; what a test makes there is gone afterwards."""
    with _cleaned(started(request.param)) as server:
        yield server


@pytest.fixture(params=MARIADB)
def mariadb(request: pytest.FixtureRequest, started: Callable[[str], Server]) -> Iterator[Server]:
    """Each MariaDB, for what MySQL does not have."""
    with _cleaned(started(request.param)) as server:
        yield server


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    """The certificate of an authority whose server is not running."""
    return _write_certificate(tmp_path)


@pytest.fixture
def validating(mariadb: Server) -> Iterator[Server]:
    """Each MariaDB, while it accepts strong passwords only."""
    mariadb.query("INSTALL SONAME 'simple_password_check'")
    yield mariadb
    mariadb.query("UNINSTALL SONAME 'simple_password_check'")


@contextmanager
def _started(name: str) -> Iterator[Server]:
    """In memory where the machine has a place for that: every change of an account waits for the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        home = Path(directory)
        certificate = _write_certificate(home)
        options = (f"--ssl-cert={certificate}", f"--ssl-key={home / 'key.pem'}")
        with running(RELEASES[name], home, *options) as program:
            server = Server(name in MARIADB, program.unix_socket, program.port, certificate)
            way = f"{'VIA' if server.mariadb else 'WITH'} {server.socket_plugin}"
            program.query(f"CREATE USER IF NOT EXISTS {ADMINISTRATOR}@localhost")
            program.query(f"GRANT ALL PRIVILEGES ON *.* TO {ADMINISTRATOR}@localhost WITH GRANT OPTION")
            program.query(f"ALTER USER {ADMINISTRATOR}@localhost IDENTIFIED {way}")
            yield server


@contextmanager
def _cleaned(server: Server) -> Iterator[Server]:
    """Every account and database that a test named ``it…`` is gone afterwards."""
    try:
        yield server
    finally:
        server.query("SET GLOBAL read_only = 0")
        accounts = server.query("SELECT User, Host FROM mysql.user WHERE User LIKE 'it%' OR User = ''")
        for user, host in accounts:
            escaped = user.replace("\\", "\\\\").replace("'", "''")
            server.query(f"DROP USER '{escaped}'@'{host}'")
        for (name,) in server.query("SELECT schema_name FROM information_schema.schemata"):
            if name.startswith("it"):
                server.query(f"DROP DATABASE `{name.replace('`', '``')}`")


def _write_certificate(home: Path) -> Path:
    """A self-signed certificate for ``localhost``, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (home / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
    )
    path = home / "cert.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return path
