# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same cases on the fake server and on the real ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.client import DatabaseClient
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.operation import NovaDb
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import Database, State
from fakes.passwords import PASSWORDS

DESIRED = Desired(databases=("it_api", "it"), user="it_nova", password="secret")


def converge(client: DatabaseClient, desired: Desired) -> list[str]:
    """Bring the server to the desired state; the commands, after proving that none is left."""
    operation = NovaDb(desired, client)
    current = operation.read()
    plan = operation.plan(current)
    outcome = operation.apply(current, plan) if plan.changed else plan.result
    again = operation.plan(operation.read())
    assert again.commands == []
    assert again.result == outcome
    return plan.commands


def encodings(state: State) -> dict[str, str]:
    """Without the collations: the default one of utf8mb3 differs from release to release."""
    return {name: database.encoding for name, database in state.databases.items()}


def test_create_change_absent(client: DatabaseClient) -> None:
    assert len(converge(client, DESIRED)) == 8
    state = client.read(["it_api", "it", "it_none"], "it_nova")
    assert encodings(state) == {"it_api": "utf8mb3", "it": "utf8mb3"}
    assert sorted(state.accounts) == ["%", "localhost"]
    assert {frozenset(account.grants) for account in state.accounts.values()} == {
        frozenset({"it\\_api", "it"})
    }

    assert len(converge(client, replace(DESIRED, password="another"))) == 2
    assert client.log_in("it_nova", "another") == "localhost"
    assert client.log_in("it_nova", "secret") is None

    more = replace(DESIRED, password="another", hosts=("localhost", "10.0.0.%"), exclusive_hosts=True)
    assert len(converge(client, more)) == 4
    assert sorted(client.read([], "it_nova").accounts) == ["10.0.0.%", "localhost"]

    assert len(converge(client, replace(DESIRED, present=False))) == 2
    assert converge(client, replace(DESIRED, present=False)) == []
    assert len(converge(client, replace(DESIRED, present=False, drop_databases=True))) == 2
    assert client.read(["it_api", "it"], "it_nova").databases == {}


@pytest.mark.parametrize("password", PASSWORDS)
def test_nasty_passwords(client: DatabaseClient, password: str) -> None:
    account = replace(DESIRED, databases=())
    converge(client, replace(account, password="first"))
    converge(client, replace(account, password=password))
    assert client.log_in("it_nova", password) == "localhost"


@pytest.mark.parametrize("name", ["it`tick", "it_under%cent", "it back\\slash", "it'quote\"", "it-dash.dot"])
def test_nasty_names(client: DatabaseClient, name: str) -> None:
    converge(client, replace(DESIRED, databases=(name,), user=name))
    assert client.log_in(name, "secret") == "localhost"
    assert list(client.read([name], name).databases) == [name]
    assert len(converge(client, replace(DESIRED, databases=(name,), user=name, present=False))) == 2


def test_the_remote_account_alone_has_another_password(client: DatabaseClient) -> None:
    converge(client, DESIRED)
    converge(client, replace(DESIRED, hosts=("%",), password="another"))
    assert client.log_in("it_nova", "secret") == "localhost"
    commands = converge(client, DESIRED)
    assert [command.split(" IDENTIFIED")[0] for command in commands] == ["ALTER USER 'it_nova'@'%'"]


def test_only_the_remote_account(client: DatabaseClient) -> None:
    anywhere = replace(DESIRED, hosts=("%",))
    converge(client, anywhere)
    assert client.log_in("it_nova", "secret") == "%"
    assert len(converge(client, replace(anywhere, password="another"))) == 1
    assert client.log_in("it_nova", "another") == "%"


def test_encoding(client: DatabaseClient) -> None:
    latin = replace(DESIRED, user=None, encoding="latin1")
    converge(client, latin)
    utf8 = replace(DESIRED, user=None)
    assert converge(client, utf8) == []
    assert client.read(["it"], None).databases == {"it": Database("latin1", "latin1_swedish_ci")}
    assert len(converge(client, replace(utf8, repair_encoding=True))) == 2
    assert encodings(client.read(["it"], None)) == {"it": "utf8mb3"}
    binary = replace(utf8, repair_encoding=True, collation="utf8mb3_bin")
    assert len(converge(client, replace(binary, databases=("it",)))) == 1
    assert client.read(["it"], None).databases == {"it": Database("utf8mb3", "utf8mb3_bin")}


def test_rotation_without_a_gap(client: DatabaseClient) -> None:
    """The current and the new password hold until the second half, also after a rotation that was cut."""
    converge(client, replace(DESIRED, password="oldest"))
    for new in ("secret", "another"):
        assert len(converge(client, replace(DESIRED, password=new, retain_current_password=True))) == 2
    for password in ("secret", "another"):
        assert client.log_in("it_nova", password) == "localhost"
    assert client.log_in("it_nova", "oldest") is None

    assert len(converge(client, replace(DESIRED, password="another"))) == 2
    assert client.log_in("it_nova", "another") == "localhost"
    assert client.log_in("it_nova", "secret") is None
