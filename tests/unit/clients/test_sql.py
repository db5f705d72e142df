# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ssl
import sys
from contextlib import closing
from typing import Any

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import sql
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import (
    Login,
    QueryError,
    SqlConnections,
    connect,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from fakes.greeting import greeting_server

LOGIN = Login("root", b"r00t", host="db")


@pytest.fixture
def authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every CA file can be read."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    monkeypatch.setattr(ssl, "create_default_context", lambda **_options: context)


@pytest.mark.parametrize("options", [{"ca_cert": "/ca.pem"}, {"ca_path": "/ca"}, {"tls": True}])
def test_a_server_without_tls_hears_nothing_of_the_login(authorities: None, options: dict[str, Any]) -> None:
    with greeting_server() as server:
        login = Login("root", b"r00t", "127.0.0.1", server.port, **options)
        with pytest.raises(CollectionError, match="it does not offer TLS") as caught:
            connect(login)
        assert server.finish() == b""
    assert caught.value.code == "tls"


@pytest.mark.parametrize("greets", [True, False])
def test_a_server_that_falls_silent_is_not_waited_for(greets: bool) -> None:
    with greeting_server(greets) as server:
        login = Login("root", b"r00t", "127.0.0.1", server.port, timeout=1)
        with pytest.raises(UnreachableError, match=r"timed out.*\. Start the server"):
            connect(login)


@pytest.mark.parametrize(
    ("certificates", "missing"),
    [
        ({"ca_cert": "/none/ca.pem"}, "/none/ca.pem"),
        ({"ca_cert": "/none/ca.pem", "client_cert": "/none/c.pem"}, "/none/ca.pem"),
        ({"client_cert": "/none/c.pem", "client_key": "/none/k.pem"}, "/none/c.pem or /none/k.pem"),
    ],
)
def test_missing_certificates(certificates: dict[str, str], missing: str) -> None:
    # Check mode goes on: it may come with the server.
    with pytest.raises(UnreachableError, match=f" db:3306: {missing}: No such file or directory") as caught:
        connect(Login("root", host="db", **certificates))
    assert caught.value.code == "tls"


@pytest.mark.parametrize(
    ("login", "place"),
    [
        (Login("root", host="db", port=1), "db:1"),
        (Login("root", host="::1"), "[::1]:3306"),
        (Login("root", unix_socket="/s"), "/s"),
        (Login("root"), "on this host"),
    ],
)
def test_places(login: Login, place: str) -> None:
    assert login.place == place


@pytest.mark.parametrize(
    ("host", "port"), [("db..x", 3306), ("d" * 64, 3306), (".db", 3306), ("127.0.0.1", 65536)]
)
def test_what_is_no_address(host: str, port: int) -> None:
    with pytest.raises(CollectionError, match="this is no host and port") as caught:
        connect(Login("root", host=host, port=port))
    assert caught.value.code == "arguments"


def test_without_pymysql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(UnreachableError, match="Install python3-pymysql on the host"):
        connect(LOGIN)


def test_without_a_local_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "DEFAULT_SOCKETS", ("/nonexistent/a.sock", "/nonexistent/b.sock"))
    with pytest.raises(UnreachableError, match=r"none of its sockets is there \(/nonexistent/a.sock, "):
        connect(Login("root"))


def error(number: int, text: str, cause: Exception | None = None) -> pymysql.err.OperationalError:
    made = pymysql.err.OperationalError(number, text)
    made.original_exception = cause
    return made


@pytest.mark.parametrize(
    ("raised", "kind", "code", "text"),
    [
        (
            error(2003, "Can't connect to MySQL server on 'db'"),
            UnreachableError,
            "unreachable",
            "Start the server",
        ),
        (error(1045, "Access denied for user"), CollectionError, "access_denied", "root must be allowed"),
        (error(1698, "Access denied for user"), CollectionError, "access_denied", "root must be allowed"),
        (
            error(4151, "Account is locked"),
            CollectionError,
            "account_locked",
            "ALTER USER root ACCOUNT UNLOCK",
        ),
        *(
            (
                error(1040, text),
                CollectionError,
                "too_many_connections",
                "Too many connections. Run again when",
            )
            # As it is, and as PyMySQL 1.0 leaves it.
            for text in ("Too many connections", "ny connections")
        ),
        (
            error(1130, "10.0.0.9' is not allowed"),
            CollectionError,
            "failed",
            "Host '10.0.0.9' is not allowed",
        ),
        (error(1524, "Plugin is not loaded"), CollectionError, "plugin_not_loaded", "give root another one"),
        (error(1820, "You must SET PASSWORD"), CollectionError, "password_expired", "root a new password"),
        (error(1862, "Your password has expired"), CollectionError, "password_expired", "a new password"),
        (error(3955, "Account is blocked"), CollectionError, "account_blocked", "FLUSH PRIVILEGES"),
        (error(1226, "max_user_connections"), CollectionError, "too_many_logins", "Log root out elsewhere"),
        (error(2003, "bad cert", ssl.SSLError()), CollectionError, "tls", "Check ca_cert"),
        (
            RuntimeError("'cryptography' package is required"),
            CollectionError,
            "plugin_missing",
            "'cryptography' package",
        ),
        (
            error(2059, "Authentication plugin 'parsec' not configured"),
            CollectionError,
            "plugin_missing",
            "Give root a plugin that this host's PyMySQL has",
        ),
    ],
)
def test_refusals(
    monkeypatch: pytest.MonkeyPatch, raised: Exception, kind: type[Exception], code: str, text: str
) -> None:
    def refuse(**options: Any) -> None:
        raise raised

    monkeypatch.setattr(pymysql, "connect", refuse)
    with pytest.raises(CollectionError) as caught:
        connect(LOGIN)
    assert caught.type is kind
    assert caught.value.code == code
    assert text in str(caught.value)
    assert "r00t" not in str(caught.value)
    if kind is CollectionError and code != "tls":
        assert str(caught.value).startswith("Cannot log in to database server db:3306 as root: ")


@pytest.mark.parametrize(
    ("name", "quoted"), [("nova", "`nova`"), ("a`b", "`a``b`"), ("a b", "`a b`"), ("a'\\", "`a'\\`")]
)
def test_identifiers(name: str, quoted: str) -> None:
    assert sql.identifier(name) == quoted


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        ("x", "'x'"),
        ("it's", "'it''s'"),
        ("a\\", "'a\\\\'"),
        ("\\'", "'\\\\'''"),
        ("%s", "'%s'"),
        ("\0", "'\\0'"),
    ],
)
def test_literals(value: str, quoted: str) -> None:
    assert sql.literal(value) == quoted


class Cursor:
    """Answers every statement with its own words; refuses DROP."""

    def __init__(self, kind: type) -> None:
        self.named = kind is pymysql.cursors.DictCursor
        self.answer: tuple[Any, ...] = ()

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *reason: object) -> None:
        pass

    def execute(self, statement: str, values: tuple[Any, ...] | None) -> None:
        if statement.startswith("DROP"):
            raise pymysql.err.ProgrammingError(1142, "DROP command denied")
        self.answer = (statement, values)

    def fetchall(self) -> tuple[Any, ...]:
        return ({"statement": self.answer[0], "values": self.answer[1]} if self.named else self.answer,)


class Connection:
    """A connection that remembers its user, and whether it was closed."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.closed = False

    def connect(self) -> None:
        pass

    def query(self, statement: str) -> None:
        """A node of Galera without a majority takes no other statement, and no COMMIT."""
        if not statement.startswith(("SET ", "SHOW ")):
            raise pymysql.err.OperationalError(1047, "WSREP has not yet prepared node for application use")

    def cursor(self, kind: type) -> Cursor:
        return Cursor(kind)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Connection]:
    """The connections that PyMySQL was asked for."""
    connections: list[Connection] = []

    def open_one(user: str, **options: Any) -> Connection:
        # PyMySQL ends it with a COMMIT.
        assert "init_command" not in options
        connections.append(Connection(user))
        return connections[-1]

    monkeypatch.setattr(pymysql, "connect", open_one)
    return connections


def test_one_connection_for_each_login(opened: list[Connection]) -> None:
    with closing(SqlConnections()) as connections:
        assert opened == []
        for login in (LOGIN, Login("nova", host="db"), Login("root", b"r00t", host="db")):
            assert connections.rows(login, "SELECT 1") == [("SELECT 1", None)]
            assert connections.mappings(login, "SELECT 1") == [{"statement": "SELECT 1", "values": None}]
        assert [connection.user for connection in opened] == ["root", "nova"]
        assert not any(connection.closed for connection in opened)
    assert all(connection.closed for connection in opened)


def test_a_connection_that_was_closed_is_opened_anew(opened: list[Connection]) -> None:
    connections = SqlConnections()
    connections.rows(LOGIN, "SELECT 1")
    connections.close()
    connections.rows(LOGIN, "SELECT 1")
    assert [connection.closed for connection in opened] == [True, False]


def test_values_are_filled_in_by_the_driver_and_a_statement_without_them_is_sent_as_it_is(
    opened: list[Connection],
) -> None:
    connections = SqlConnections()
    assert connections.rows(LOGIN, "SELECT %s", ["a"]) == [("SELECT %s", ("a",))]
    assert connections.rows(LOGIN, "SELECT '%s'") == [("SELECT '%s'", None)]


def test_a_refused_statement(opened: list[Connection]) -> None:
    connections = SqlConnections()
    with pytest.raises(QueryError) as caught:
        connections.rows(LOGIN, "DROP TABLE t")
    assert (caught.value.number, caught.value.text) == (1142, "DROP command denied")
    assert connections.rows(LOGIN, "SELECT 1") == [("SELECT 1", None)]
    assert len(opened) == 1


def turn_away(monkeypatch: pytest.MonkeyPatch, *users: str) -> None:
    """Have PyMySQL refuse the logins of these users."""
    let_in = pymysql.connect

    def open_or_refuse(user: str, **options: Any) -> Any:
        if user in users:
            raise error(1045, f"Access denied for user {user}")
        return let_in(user, **options)

    monkeypatch.setattr(pymysql, "connect", open_or_refuse)


NOVA = Login("nova", b"n0va", host="db")


def test_an_administrator_reads_for_a_login_that_is_turned_away(
    opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_away(monkeypatch, "nova")
    connections = SqlConnections()
    with pytest.raises(CollectionError, match="Access denied for user nova"):
        connections.rows(NOVA, "SELECT 1")
    connections.stand_in(Login("root"), "other:3306")
    with pytest.raises(CollectionError, match="Access denied for user nova"):
        connections.rows(NOVA, "SELECT 1")
    connections.stand_in(Login("root", host="db"), NOVA.place)
    assert connections.rows(NOVA, "SELECT 1") == [("SELECT 1", None)]
    assert connections.rows(NOVA, "SELECT 2") == [("SELECT 2", None)]
    assert [connection.user for connection in opened] == ["root"]
    assert ["Access denied for user nova" in str(one) for one in connections.refusals.values()] == [True]


def test_an_administrator_who_is_turned_away_too_is_not_what_matters(
    opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    turn_away(monkeypatch, "nova", "root")
    connections = SqlConnections()
    connections.stand_in(Login("root"), NOVA.place)
    monkeypatch.setattr(sql, "local_socket", lambda: "/s")
    with pytest.raises(CollectionError, match="Access denied for user nova"):
        connections.rows(NOVA, "SELECT 1")


def test_an_administrator_reads_what_is_not_granted(
    opened: list[Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        Connection, "cursor", lambda self, kind: (Cursor if self.user == "nova" else Reader)(kind)
    )
    connections = SqlConnections()
    connections.stand_in(Login("root", host="db"), NOVA.place)
    assert connections.rows(NOVA, "DROP TABLE t") == [("read", None)]
    assert ["DROP command denied" in str(one) for one in connections.refusals.values()] == [True]


class Reader(Cursor):
    """Refuses nothing."""

    def execute(self, statement: str, values: tuple[Any, ...] | None) -> None:
        self.answer = ("read", values)
