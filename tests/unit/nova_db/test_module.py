# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db import statements
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.operation import NovaDb
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import Database
from ansible_collections.stackwright.nova.plugins.modules import nova_db
from fakes.database import NATIVE, FakeServer
from fakes.modules import run_module

SECRET = "n4sty p@ss/w%rd$'\\"
OTHER = "an0ther's \\secret"
NOVA = {"databases": ["nova_api", "nova"], "user": "nova", "password": SECRET}


class Host:
    """The module against a server in memory; every result is kept."""

    def __init__(self) -> None:
        self.server = FakeServer()
        self.outputs: list[str] = []

    def run(self, **params: Any) -> dict[str, Any]:
        def prepare(operation: NovaDb) -> None:
            operation.client = self.server

        result = run_module(nova_db, prepare, **params)
        self.outputs.append(json.dumps(result, ensure_ascii=False))
        return result

    def both(self, **params: Any) -> dict[str, Any]:
        """Check mode first, which must not write, then for real: commands and diff must be the same."""
        before = len(self.server.written)
        predicted = self.run(check=True, diff=True, **params)
        assert len(self.server.written) == before
        done = self.run(diff=True, **params)
        for key in ("changed", "commands", "diff", "user", "grants"):
            assert predicted[key] == done[key]
        return done


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    for output in host.outputs:
        for secret in (SECRET, OTHER):
            assert secret not in output
            assert json.dumps(secret)[1:-1] not in output


def test_create_again_change_again_absent_again(host: Host) -> None:
    made = host.both(**NOVA)
    assert made["changed"]
    assert made["databases"][0] == {
        "name": "nova_api",
        "encoding": "utf8mb3",
        "collation": "utf8mb3_general_ci",
    }
    assert sorted(host.server.accounts) == [("nova", "%"), ("nova", "localhost")]
    assert host.server.log_in("nova", SECRET) == "localhost"
    assert made["diff"]["before"] == ""

    again = host.both(**NOVA)
    assert (again["changed"], again["commands"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]

    rotated = host.both(**{**NOVA, "password": OTHER})
    assert [command.split(" IDENTIFIED")[0] for command in rotated["commands"]] == [
        "ALTER USER 'nova'@'localhost'",
        "ALTER USER 'nova'@'%'",
    ]
    assert {word for known in host.server.passwords.values() for word in known.values()} == {OTHER}
    assert not host.both(**{**NOVA, "password": OTHER})["changed"]

    gone = host.both(**NOVA, state="absent")
    assert (gone["user"], len(gone["commands"])) == (None, 2)
    assert sorted(host.server.databases) == ["nova", "nova_api"]
    assert not host.both(**NOVA, state="absent")["changed"]

    dropped = host.both(**NOVA, state="absent", drop_databases=True)
    assert dropped["diff"]["after"] == ""
    assert host.server.databases == {}
    assert not host.both(**NOVA, state="absent", drop_databases=True)["changed"]


@pytest.mark.parametrize("mariadb", [True, False])
def test_both_halves_of_a_rotation(host: Host, mariadb: bool) -> None:
    host.server.mariadb = mariadb
    host.run(**NOVA)
    new = {**NOVA, "password": OTHER}
    assert host.both(**new, retain_current_password=True)["changed"]
    assert host.server.log_in("nova", SECRET) == host.server.log_in("nova", OTHER) == "localhost"
    assert not host.both(**new, retain_current_password=True)["changed"]
    assert host.both(**new)["changed"]
    assert host.server.log_in("nova", SECRET) is None
    assert not host.both(**new)["changed"]


def test_one_account_of_two(host: Host) -> None:
    host.run(**NOVA)
    host.server.set_mariadb_password("nova", "%", OTHER, NATIVE)
    fixed = host.both(**NOVA)
    assert [command.split(" IDENTIFIED")[0] for command in fixed["commands"]] == ["ALTER USER 'nova'@'%'"]


def test_update_password_on_create(host: Host) -> None:
    host.run(**NOVA)
    assert not host.both(**{**NOVA, "password": OTHER}, update_password="on_create")["changed"]
    more = host.both(
        **{**NOVA, "password": OTHER, "hosts": ["localhost", "10.0.0.1"]}, update_password="on_create"
    )
    assert more["user"] == {"name": "nova", "hosts": ["%", "10.0.0.1", "localhost"]}
    assert host.server.log_in("nova", SECRET) == "localhost"


def test_encoding(host: Host) -> None:
    host.server.databases["nova"] = Database("latin1", "latin1_swedish_ci")
    reported = host.both(databases=["nova"])
    assert not reported["changed"]
    assert "latin1" in reported["warnings"][0]
    assert reported["databases"] == [{"name": "nova", "encoding": "latin1", "collation": "latin1_swedish_ci"}]
    repaired = host.both(databases=["nova"], repair_encoding=True, encoding="UTF8")
    assert repaired["commands"] == ["ALTER DATABASE `nova` CHARACTER SET 'utf8mb3'"]
    assert not host.both(databases=["nova"], repair_encoding=True)["changed"]
    typed = {"databases": ["nova"], "repair_encoding": True, "collation": "utf8mb3_General_CI"}
    assert not host.both(**typed)["changed"]


@pytest.mark.parametrize("lost", ["CREATE USER", "ALTER USER"])
def test_a_password_that_does_not_take_effect(host: Host, lost: str) -> None:
    if lost == "ALTER USER":
        host.run(**{**NOVA, "password": OTHER})
    host.server.lost = (lost, "GRANT")
    failed = host.run(**NOVA)
    assert failed["failed"]
    assert failed["code"] == "not_effective"
    assert failed["msg"].startswith("Cannot set the password of database user nova@localhost: ")
    assert failed["changed"]
    assert any(command.startswith(lost) for command in failed["commands"])
    assert "failed_command" not in failed


class Quoting(FakeServer):
    """Quotes the statement that it does not like, as servers do."""

    def create_account(self, user: str, host: str, password: str) -> None:
        statement = statements.create_account(user, host, password)
        raise CollectionError("write", "statement", "", f"syntax error near {statement}", "Correct it")


def test_an_error_that_quotes_the_statement(host: Host) -> None:
    host.server = Quoting()
    failed = host.run(user="nova", password="it's\\s3cret")
    assert "IDENTIFIED BY '********'. Correct it." in failed["msg"]
    assert failed["failed_command"] == "CREATE USER IF NOT EXISTS 'nova'@'localhost' IDENTIFIED BY '********'"
    assert "commands" not in failed


class ForbidsGrants(FakeServer):
    """Takes everything but grants."""

    def grant(self, user: str, host: str, database: str) -> None:
        raise CollectionError(
            "grant", "all privileges to database user", user, "access denied", "Log in as root"
        )


def test_a_failure_after_writes_says_what_was_done(host: Host) -> None:
    host.server = ForbidsGrants()
    failed = host.run(**{**NOVA, "databases": ["nova"], "hosts": ["%"]})
    assert failed["failed"]
    assert failed["changed"]
    assert failed["commands"] == [
        "CREATE DATABASE IF NOT EXISTS `nova` CHARACTER SET 'utf8mb3'",
        "CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY '********'",
    ]
    assert failed["failed_command"] == "GRANT ALL PRIVILEGES ON `nova`.* TO 'nova'@'%'"


class Nowhere(FakeServer):
    """No server at all."""

    def read(self, *arguments: Any) -> Any:
        raise UnreachableError("connect to", "database server", "on this host", "nobody listens", "Start it")


def test_no_server(host: Host) -> None:
    host.server = Nowhere()
    predicted = host.run(check=True, **NOVA)
    assert len(predicted["commands"]) == 8
    assert predicted["warnings"] == [
        "Cannot connect to database server on this host: nobody listens. Start it. "
        "Check mode goes on as if nothing existed there yet."
    ]
    failed = host.run(**NOVA)
    assert (failed["failed"], failed["code"]) == (True, "unreachable")


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({}, "one of the following is required: databases, user"),
        ({"databases": ["a"], "password": "x"}, "missing parameter(s) required by 'password': user"),
        (
            {"databases": ["a"], "client_cert": "/c"},
            "missing parameter(s) required by 'client_cert': ca_cert",
        ),
        (
            {"databases": ["a"], "connect_timeout": 0},
            "Cannot connect to database server on this host: connect_",
        ),
        ({"databases": ["a"], "connect_timeout": 31536001}, "Give a number of seconds from 1 to 31536000."),
        ({"user": "nova", "hosts": []}, "Cannot manage database user nova: hosts is empty."),
        ({"user": "", "password": "x"}, "Cannot manage database user '': the name is empty."),
        ({"user": "nova", "password": ""}, "Cannot manage database user nova: the password is empty."),
        ({"user": "", "databases": ["a"], "state": "absent"}, "Cannot manage database user '': "),
        ({"user": "nova"}, "Cannot create database user nova@localhost: no password was given for it."),
        ({"user": "a", "login_host": "h", "login_unix_socket": "/s"}, "mutually exclusive"),
    ],
)
def test_senseless_parameters(host: Host, params: dict[str, Any], text: str) -> None:
    assert text in host.run(**params)["msg"]


def test_the_client_of_the_parameters() -> None:
    seen = []
    run_module(
        nova_db,
        lambda operation: seen.append(operation.client._login) or setattr(operation, "client", FakeServer()),
        databases=["a"],
        login_host="db",
        login_port=3307,
        login_user="admin",
        login_password="x",
        ca_cert="/ca.pem",
        connect_timeout=3,
    )
    login = seen[0]
    assert replace(login, password=b"") == type(login)(
        "admin", host="db", port=3307, ca_cert="/ca.pem", timeout=3
    )


def test_an_account_in_use_stays_and_the_task_says_by_whom(host: Host) -> None:
    host.run(**NOVA)
    host.server.clients = (("compute9", "10.1.0.9"),)
    narrow = {**NOVA, "hosts": ["10.0.0.%"], "exclusive_hosts": True}
    written = len(host.server.written)
    failed = host.run(**narrow)
    assert failed["code"] == "in_use"
    assert "lets in compute9, where nova is logged in from now" in failed["msg"]
    assert len(host.server.written) == written
    host.server.clients = ()
    assert host.both(**narrow)["user"] == {"name": "nova", "hosts": ["10.0.0.%"]}
