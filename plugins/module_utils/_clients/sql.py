# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""SQL of MariaDB and MySQL, through PyMySQL, the driver that OpenStack itself brings."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

from .._engine.errors import CollectionError, UnreachableError
from .._engine.file_errors import file_cause, file_remedy

DEFAULT_PORT = 3306
DEFAULT_SOCKETS = ("/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock")

_NO_CONNECTION = frozenset({2002, 2003, 2006, 2013})
# PyMySQL tries two credentials of an account of MariaDB, and then says this.
_GIVEN_UP = "multiple auth switch"
_DENIED = (
    "access_denied",
    "Correct the user or the password; {user} must be allowed to log in from this host",
)
_NO_PLUGIN = (
    "plugin_missing",
    "Give {user} a plugin that this host's PyMySQL has, or install the library that it lacks",
)
_EXPIRED = ("password_expired", "Give {user} a new password")
_LOCKED = ("account_locked", "Unlock the account: ALTER USER {user} ACCOUNT UNLOCK")
_BLOCKED = ("account_blocked", "Wait until the account is free again, or let FLUSH PRIVILEGES free it")
_TOO_OFTEN = ("too_many_logins", "Log {user} out elsewhere, or raise the account's limits")
# Why a server, or (2059) PyMySQL itself, turns a user away: code and remedy.
_NOT_GRANTED = frozenset({1044, 1142})
_REFUSALS = {
    1040: ("too_many_connections", "Run again when there are fewer, or raise max_connections"),
    1044: _DENIED,
    1045: _DENIED,
    1203: _TOO_OFTEN,
    1226: _TOO_OFTEN,
    1524: ("plugin_not_loaded", "Load the plugin in the server, or give {user} another one"),
    1698: _DENIED,
    1820: _EXPIRED,
    1862: _EXPIRED,
    2059: _NO_PLUGIN,
    3118: _LOCKED,
    3955: _BLOCKED,
    4150: _BLOCKED,
    4151: _LOCKED,
}
# What PyMySQL 1.0 cuts off errors from before the login, which have no SQLSTATE.
_CUT_OFF = {1040: "Too ma", 1129: "Host '", 1130: "Host '"}


@dataclass(frozen=True)
class Login:
    """Where the server is and who logs in; with neither a host nor a socket, the local server's own socket.

    ``password`` is as it goes over the wire: servers hash what SQL gives them, which is UTF-8 here, while the
    PyMySQL of a service encodes strings as Latin-1. ``tls`` makes TLS mandatory over TCP, and so does any
    certificate; authorities (a file, a directory) verify the server. ``timeout`` is in seconds, for connecting.
    """

    user: str
    password: bytes = field(default=b"", repr=False)
    host: str | None = None
    port: int = DEFAULT_PORT
    unix_socket: str | None = None
    tls: bool = False
    ca_cert: str | None = None
    ca_path: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    check_hostname: bool = True
    timeout: int = 10

    @property
    def place(self) -> str:
        """The server's address, as messages name it."""
        if self.host:
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"{host}:{self.port}"
        return self.unix_socket or "on this host"

    @property
    def encrypted(self) -> bool:
        """Whether the password may only travel over TLS."""
        return bool(self.host) and (self.tls or self.verified or bool(self.client_cert))

    @property
    def verified(self) -> bool:
        """Whether the server has to prove who it is."""
        return bool(self.ca_cert or self.ca_path)


class QueryError(Exception):
    """A server refused a statement: its error number (0: not from the server) and text."""

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number, text)
        self.number = number
        self.text = text


class SqlConnections:
    """Connections to any number of servers: one for each login, opened when it is first needed.

    ``refusals`` are the logins that a server turned away and in whose place its administrator reads.
    """

    def __init__(self) -> None:
        self._open: dict[Login, Any] = {}
        self._administrators: dict[str, Login] = {}
        self.refusals: dict[Login, CollectionError] = {}

    def stand_in(self, administrator: Login | None, place: str) -> None:
        """Let an administrator (None: nobody) read for those whom the server at this place turns away."""
        if administrator:
            self._administrators[place] = administrator

    def refuse(self, login: Login, error: CollectionError) -> None:
        """Have the administrator read for this login from now on; without one, or in vain, ``error`` is raised."""
        if login in self.refusals or login.place not in self._administrators:
            raise self.refusals.get(login, error)
        self.refusals[login] = error

    def rows(self, login: Login, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Carry out a statement; ``values`` take the place of its %s. Raises QueryError, and what ``connect`` does."""
        return self._fetch(login, statement, values, as_mappings=False)

    def mappings(self, login: Login, statement: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """As ``rows``; each row maps the names of its columns to their values."""
        return self._fetch(login, statement, values, as_mappings=True)

    def close(self) -> None:
        """Close them all."""
        for connection in self._open.values():
            connection.close()
        self._open.clear()

    def _fetch(self, login: Login, statement: str, values: Sequence[Any], *, as_mappings: bool) -> list[Any]:
        driver = _driver(login)
        reader = self._administrators[login.place] if login in self.refusals else login
        kind = driver.cursors.DictCursor if as_mappings else driver.cursors.Cursor
        try:
            if reader not in self._open:
                self._open[reader] = connect(reader)
            with self._open[reader].cursor(kind) as cursor:
                cursor.execute(statement, tuple(values) or None)
                return list(cursor.fetchall())
        except driver.err.MySQLError as error:
            number, text = _server_message(error)
            if number not in _NOT_GRANTED or login.place not in self._administrators:
                raise QueryError(number, text) from error
            self.refuse(login, _not_granted(login, text))
        except CollectionError as error:
            if reader is login and error.code != _DENIED[0]:
                raise
            self.refuse(login, error)
        return self._fetch(login, statement, values, as_mappings=as_mappings)


def identifier(name: str) -> str:
    """A name between backticks."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """A string between single quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def local_socket() -> str:
    """The path of the local server's socket, as the distributions place it."""
    for path in DEFAULT_SOCKETS:
        if os.path.exists(path):
            return path
    raise UnreachableError(
        "connect to",
        "database server",
        "on this host",
        f"none of its sockets is there ({', '.join(DEFAULT_SOCKETS)})",
        "Start the server, or say where it is with login_unix_socket or login_host",
    )


def connect(login: Login) -> Any:
    """A PyMySQL connection in autocommit mode whose string literals have backslash escapes.

    UnreachableError where nothing answers or PyMySQL is missing, CollectionError where the server refuses.
    """
    driver = _driver(login)
    context = _tls_context(login)
    # The C library takes larger ports too, modulo 65536.
    if login.host and not 0 < login.port < 65536:
        raise _no_address(login)
    try:
        connection = driver.connect(
            user=login.user,
            password=login.password,
            host=login.host,
            port=login.port,
            unix_socket=None if login.host else login.unix_socket or local_socket(),
            ssl=context,
            connect_timeout=login.timeout,
            read_timeout=login.timeout,
            charset="utf8mb4",
            autocommit=True,
            sql_mode="",
            defer_connect=True,
        )
        if context:
            _demand_tls(login, connection, driver.constants.CLIENT.SSL)
        connection.connect()
        # With an expired password MariaDB lets users in, and refuses all statements but SET. A node of Galera without a
        # majority refuses all but SET and SHOW, and PyMySQL's own way (init_command) ends with a COMMIT.
        connection.query("SHOW WARNINGS")
        # PyMySQL has one limit for the server's greeting and for the answers to queries.
        connection._read_timeout = None
    except (driver.err.MySQLError, RuntimeError) as error:
        _refuse(login, error)
    except UnicodeError as error:
        raise _no_address(login) from error
    return connection


def option_file(login: Login) -> str:
    """The text of a file that gives PyMySQL and the clients of MySQL user and password."""
    return f'[client]\nuser = "{login.user}"\npassword = "{login.password.decode("latin-1")}"\n'


def _driver(login: Login) -> Any:
    """The PyMySQL module; UnreachableError where it is not installed."""
    try:
        import pymysql
    except ImportError as error:
        raise UnreachableError(
            "connect to",
            "database server",
            login.place,
            "the Python library PyMySQL is missing",
            "Install python3-pymysql on the host",
        ) from error
    return pymysql


def _server_message(error: Exception) -> tuple[int, str]:
    """The server's error number (0: not from the server) and text."""
    if len(error.args) >= 2 and isinstance(error.args[0], int):
        number, text = error.args[0], str(error.args[1])
        beginning = _CUT_OFF.get(number, "")
        return number, text if text.startswith(beginning) else beginning + text
    return 0, str(error)


def _not_granted(login: Login, text: str) -> CollectionError:
    return CollectionError(
        "read",
        "databases on",
        f"{login.place} as {login.user}",
        text,
        f"Grant {login.user} all privileges on the service's databases",
        code="access_denied",
    )


def _tls_context(login: Login) -> ssl.SSLContext | None:
    if not login.encrypted:
        return None
    with _reading(login, login.ca_cert, login.ca_path):
        context = ssl.create_default_context(cafile=login.ca_cert, capath=login.ca_path)
    context.check_hostname = login.verified and login.check_hostname
    context.verify_mode = ssl.CERT_REQUIRED if login.verified else ssl.CERT_NONE
    if login.client_cert:
        with _reading(login, login.client_cert, login.client_key):
            context.load_cert_chain(login.client_cert, login.client_key)
    return context


@contextmanager
def _reading(login: Login, *paths: str | None) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        # One that is not there may come yet, with the server.
        failure = UnreachableError if isinstance(error, FileNotFoundError) else CollectionError
        files = [path for path in paths if path]
        wrong = isinstance(error, (FileNotFoundError, ssl.SSLError))
        denied = next((path for path in files if not os.access(path, os.R_OK)), "")
        raise failure(
            "read",
            "certificates for the database server",
            login.place,
            f"{' or '.join(files)}: {file_cause(error)}",
            "Give the paths of PEM files on the host" if wrong else file_remedy(error, denied or files[0]),
            code="tls",
        ) from error


def _demand_tls(login: Login, connection: Any, offered: int) -> None:
    """Stop after the server's greeting where it has no TLS: PyMySQL before 1.2 sends the password even so."""
    read_greeting = connection._get_server_information

    def read_and_check() -> None:
        read_greeting()
        if not connection.server_capabilities & offered:
            raise CollectionError(
                "connect to",
                "database server",
                login.place,
                "it does not offer TLS",
                "Give the server a certificate, or log in without TLS (ca_cert; ssl_ca and the like in a URL)",
                code="tls",
            )

    connection._get_server_information = read_and_check


def _no_address(login: Login) -> CollectionError:
    return CollectionError(
        "connect to",
        "database server",
        login.place,
        "this is no host and port",
        "Correct the address",
        code="arguments",
    )


def _refuse(login: Login, error: Exception) -> NoReturn:
    number, text = _server_message(error)
    if isinstance(getattr(error, "original_exception", None), ssl.SSLError):
        raise CollectionError(
            "connect to",
            "database server",
            login.place,
            text,
            "Check ca_cert and the name that the server's certificate carries",
            code="tls",
        ) from error
    if number in _NO_CONNECTION:
        raise UnreachableError(
            "connect to", "database server", login.place, text, "Start the server, or correct its address"
        ) from error
    code, remedy = _REFUSALS.get(number, ("failed", "See the server's log"))
    if _GIVEN_UP in text:
        code, remedy = _DENIED
    elif isinstance(error, RuntimeError):
        code, remedy = _NO_PLUGIN
    raise CollectionError(
        "log in to",
        "database server",
        f"{login.place} as {login.user}",
        text,
        remedy.format(user=login.user),
        code=code,
        errno=number,
    ) from error
