# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.database.client import (
    DatabaseClient,
    MysqlClient,
)
from ansible_collections.stackwright.nova.plugins.module_utils.database.connection import Login
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from fakes.database import FakeServer
from servers.mariadb import mariadb


@dataclass(frozen=True)
class Server:
    """A running server, its root's socket, its port on 127.0.0.1 and the authority of its certificate."""

    socket: str
    port: int
    ca_cert: Path

    def query(self, statement: str, **login: Any) -> Any:
        """The rows of one statement, over a connection of the test's own."""
        place = {} if "host" in login else {"unix_socket": self.socket}
        connection = pymysql.connect(**{"user": "root", **place, **login}, autocommit=True)
        with closing(connection), connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall()

    def client(self, **login: Any) -> MysqlClient:
        """The real client; root over the socket unless told otherwise."""
        return MysqlClient(Login(**{"user": "root", "unix_socket": self.socket, **login}))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """In memory where the machine has a place for that: every change of an account waits for the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as directory:
        home = Path(directory)
        certificate = _write_certificate(home)
        options = (
            f"--ssl-cert={certificate}",
            f"--ssl-key={home / 'key.pem'}",
            "--plugin-load-add=auth_ed25519",
        )
        with mariadb(home, *options) as running:
            yield Server(running.unix_socket, running.port, certificate)


@pytest.fixture(params=["fake", "real"])
def client(request: pytest.FixtureRequest) -> Iterator[DatabaseClient]:
    """The fake server, then the real one; what a test makes there is gone afterwards."""
    if request.param == "fake":
        yield FakeServer()
    else:
        yield request.getfixturevalue("clean").client()


@pytest.fixture
def clean(server: Server) -> Iterator[Server]:
    """The real server; every account and database that a test named ``it…`` is gone afterwards."""
    yield server
    server.query("SET GLOBAL read_only = 0")
    for user, host in server.query("SELECT User, Host FROM mysql.user WHERE User LIKE 'it%' OR User = ''"):
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
