# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import ssl
import sys
from typing import Any

import pymysql
import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.database import connection
from ansible_collections.stackwright.nova.plugins.module_utils.database.client import (
    MysqlClient,
    database_grants,
)
from ansible_collections.stackwright.nova.plugins.module_utils.database.connection import Login, connect
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
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


def test_without_pymysql(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    with pytest.raises(UnreachableError, match="Install python3-pymysql on the host"):
        connect(LOGIN)


def test_without_a_local_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "DEFAULT_SOCKETS", ("/nonexistent/a.sock", "/nonexistent/b.sock"))
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
        (error(1040, "Too many connections"), CollectionError, "failed", "See the server's log"),
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
    assert type(caught.value) is kind
    assert caught.value.code == code
    assert text in str(caught.value)
    assert "r00t" not in str(caught.value)
    if kind is CollectionError and code != "tls":
        assert str(caught.value).startswith("Cannot log in to database server db:3306 as root: ")


@pytest.mark.parametrize("number", [1045, 1203, 1226, 1524, 1820, 1862, 2059, 3955, 4150])
def test_a_user_who_is_kept_out(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(**options: Any) -> None:
        raise error(number, "no")

    monkeypatch.setattr(pymysql, "connect", refuse)
    assert MysqlClient(LOGIN).log_in("nova", "secret") is None


@pytest.mark.parametrize("number", [1040, 2003, 4151])
def test_a_login_that_says_nothing_about_the_password(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(**options: Any) -> None:
        raise error(number, "no")

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

    def execute(self, statement: str) -> None:
        if statement != "SHOW WARNINGS":
            raise error(self.number, self.text)

    def fetchall(self) -> list[tuple[str, int, str]]:
        return [
            ("Warning", 1819, "simple_password_check: Too short password"),
            ("Error", 1819, "Your password does not satisfy the policy"),
            ("Error", self.number, self.text),
        ]


class Connection:
    """Hands out such cursors."""

    def __init__(self, number: int, text: str) -> None:
        self.number = number
        self.text = text

    def connect(self) -> None:
        pass

    def cursor(self) -> Cursor:
        return Cursor(self.number, self.text)


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
    arguments = {"user": "nova", "host": "%", "password": "s3cret"}
    with pytest.raises(CollectionError) as caught:
        MysqlClient(LOGIN).write("create_account", arguments)
    assert str(caught.value).startswith(f"Cannot create database user nova@%: {text}. ")
    assert remedy in str(caught.value)
    assert "s3cret" not in str(caught.value)
    assert caught.value.details == {"errno": number}


def test_mariadb_is_asked_why_an_operation_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(1396, "Operation ALTER USER failed"))
    with pytest.raises(CollectionError, match=r"does not satisfy the policy\. Choose a password") as caught:
        MysqlClient(LOGIN).write("drop_account", {"user": "nova", "host": "%"})
    assert caught.value.details == {"errno": 1819}


NOVA = {"user": "nova", "host": "%"}
NEW = {"name": "{nova}", "encoding": "utf8mb3", "collation": None}


@pytest.mark.parametrize(
    ("action", "arguments", "text"),
    [
        ("create_database", NEW, "create database {nova}"),
        ("alter_database", NEW, "alter database {nova}"),
        ("drop_database", {"name": "{nova}"}, "drop database {nova}"),
        ("create_account", {**NOVA, "password": "x"}, "create database user nova@%"),
        (
            "set_password",
            {**NOVA, "password": "x", "plugin": "ed25519"},
            "set password of database user nova@%",
        ),
        (
            "set_mysql_password",
            {**NOVA, "password": "x", "plugin": "caching_sha2_password"},
            "set password of database user nova@%",
        ),
        ("discard_old_password", NOVA, "discard old password of database user nova@%"),
        (
            "grant",
            {**NOVA, "database": "{api}"},
            "grant all privileges on {api} to database user nova@%",
        ),
        ("drop_account", NOVA, "drop database user nova@%"),
    ],
)
def test_every_statement_has_its_words(
    monkeypatch: pytest.MonkeyPatch, action: str, arguments: dict[str, Any], text: str
) -> None:
    monkeypatch.setattr(pymysql, "connect", lambda **options: Connection(9999, "no"))
    with pytest.raises(CollectionError) as caught:
        MysqlClient(LOGIN).write(action, arguments)
    assert str(caught.value).startswith(f"Cannot {text}: no. ")
