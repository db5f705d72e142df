# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any, Callable

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.client import (
    DatabaseClient,
    MysqlClient,
    database_grants,
)

LOGIN = Login("root", b"r00t", host="db")


def test_grants_on_databases_only() -> None:
    lines = [
        "GRANT USAGE ON *.* TO `nova`@`%` IDENTIFIED BY PASSWORD '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'",
        "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO `nova`@`%`",
        "GRANT SELECT, INSERT, LOCK TABLES ON `x``y`.* TO `nova`@`%` WITH GRANT OPTION",
        "GRANT SELECT ON `nova`.`cells` TO `nova`@`%`",
        "GRANT EXECUTE ON PROCEDURE `nova`.`p` TO `nova`@`%`",
        "GRANT `reader`@`%` TO `nova`@`%`",
    ]
    assert database_grants(lines) == {
        "nova\\_api": {"ALL PRIVILEGES"},
        "x`y": {"SELECT", "INSERT", "LOCK TABLES"},
    }


@pytest.mark.parametrize("number", [1045, 1203, 1226, 1524, 1820, 1862, 2059, 3955, 4150])
def test_a_user_who_is_kept_out(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(**options: Any) -> None:
        raise pymysql.err.OperationalError(number, "no")

    monkeypatch.setattr(pymysql, "connect", refuse)
    assert MysqlClient(LOGIN).log_in("nova", "secret") is None


@pytest.mark.parametrize("number", [1040, 2003, 4151])
def test_a_login_that_says_nothing_about_the_password(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(**options: Any) -> None:
        raise pymysql.err.OperationalError(number, "no")

    monkeypatch.setattr(pymysql, "connect", refuse)
    with pytest.raises(CollectionError, match="db:3306"):
        MysqlClient(LOGIN).log_in("nova", "secret")


class Cursor:
    """Refuses every statement with one error."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text

    def __enter__(self) -> Cursor:
        return self

    def __exit__(self, *reason: object) -> None:
        pass

    def execute(self, statement: str, values: None) -> None:
        if statement != "SHOW WARNINGS":
            raise pymysql.err.OperationalError(self.number, self.text)

    def fetchall(self) -> list[tuple[str, int, str]]:
        return [
            ("Warning", 1819, "simple_password_check: Too short password"),
            ("Error", 1819, "Your password does not satisfy the policy"),
            ("Error", self.number, self.text),
        ]


class SilentCursor(Cursor):
    """Refuses to tell why, too."""

    def execute(self, statement: str, values: None) -> None:
        raise pymysql.err.OperationalError(self.number, self.text)


class Connection:
    """Hands out such cursors."""

    def __init__(self, number: int, text: str, cursor: type[Cursor] = Cursor) -> None:
        self.made = cursor(number, text)

    def connect(self) -> None:
        pass

    def query(self, statement: str) -> None:
        pass

    def cursor(self, kind: type) -> Cursor:
        return self.made


@pytest.mark.parametrize(
    ("number", "text", "remedy"),
    [
        (1044, "the server says no", "Log in as a user that holds this privilege"),
        (1115, "the server says no", "SHOW CHARACTER SET"),
        (1290, "it runs with the --read-only option", "the server that takes writes"),
        (1290, "it runs with the --strict-password-validation option", "Turn strict_password_validation off"),
        (1290, "it runs with the --skip-grant-tables option", "Start the server without this option"),
        (1819, "the server says no", "password policy"),
        (9999, "the server says no", "See the server's log"),
    ],
)
def test_refused_statements(monkeypatch: pytest.MonkeyPatch, number: int, text: str, remedy: str) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(number, text))
    with pytest.raises(CollectionError) as caught:
        MysqlClient(LOGIN).create_account("nova", "%", "s3cret")
    assert str(caught.value).startswith(f"Cannot create database user nova@%: {text}. ")
    assert remedy in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.details == {"errno": number}


def test_mariadb_is_asked_why_an_operation_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(1396, "Operation ALTER USER failed"))
    with pytest.raises(CollectionError, match=r"does not satisfy the policy\. Choose a password") as caught:
        MysqlClient(LOGIN).drop_account("nova", "%")
    assert caught.value.details == {"errno": 1819}


def test_a_server_that_does_not_say_why_an_operation_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    failure = "Operation ALTER USER failed"
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(1396, failure, SilentCursor))
    with pytest.raises(CollectionError, match=failure) as caught:
        MysqlClient(LOGIN).drop_account("nova", "%")
    assert caught.value.details == {"errno": 1396}


@pytest.mark.parametrize(
    ("write", "text"),
    [
        (lambda client: client.create_database("{nova}", "utf8mb3", None), "create database {nova}"),
        (lambda client: client.alter_database("{nova}", "utf8mb3", None), "alter database {nova}"),
        (lambda client: client.drop_database("{nova}"), "drop database {nova}"),
        (lambda client: client.create_account("nova", "%", "x"), "create database user nova@%"),
        (
            lambda client: client.set_mariadb_password("nova", "%", "x", "ed25519"),
            "set password of database user nova@%",
        ),
        (
            lambda client: client.set_mysql_password("nova", "%", "x", "caching_sha2_password"),
            "set password of database user nova@%",
        ),
        (
            lambda client: client.discard_old_password("nova", "%"),
            "discard old password of database user nova@%",
        ),
        (
            lambda client: client.grant("nova", "%", "{api}"),
            "grant all privileges on {api} to database user nova@%",
        ),
        (lambda client: client.drop_account("nova", "%"), "drop database user nova@%"),
        (lambda client: client.read(["nova"], "nova"), "read accounts and databases"),
    ],
)
def test_every_statement_has_its_words(
    monkeypatch: pytest.MonkeyPatch, write: Callable[[DatabaseClient], object], text: str
) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(9999, "no"))
    with pytest.raises(CollectionError) as caught:
        write(MysqlClient(LOGIN))
    assert str(caught.value).startswith(f"Cannot {text}: no. ")


@pytest.mark.parametrize(
    ("client", "names"),
    [
        ("localhost", ("localhost",)),
        ("localhost:50000", ("localhost", "127.0.0.1")),
        ("controller1:50000", ("controller1", "10.0.0.11")),
        ("10.0.0.9:50000", ("10.0.0.9",)),
        ("2001:db8::11:50000", ("2001:db8::11",)),
        ("gone:50000", ("gone",)),
    ],
)
def test_by_what_a_client_may_be_known(
    monkeypatch: pytest.MonkeyPatch, client: str, names: tuple[str, ...]
) -> None:
    addresses = {"localhost": "127.0.0.1", "controller1": "10.0.0.11", "10.0.0.9": "10.0.0.9"}

    def resolve(name: str, _port: None) -> list[Any]:
        if name not in addresses:
            raise OSError("no such name")
        return [(None, None, None, "", (addresses[name], 0))]

    monkeypatch.setattr("socket.getaddrinfo", resolve)
    server = MysqlClient(LOGIN)
    monkeypatch.setattr(server, "_rows", lambda query: [(client.encode(),)])
    assert server.logins("nova") == {names}
