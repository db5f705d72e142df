# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What only a real server can show."""

from __future__ import annotations

import getpass
import threading
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login, connect
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.operation import NovaDb
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.parameters import Desired
from ansible_collections.stackwright.nova.plugins.modules import nova_db
from fakes.modules import run_module
from servers.releases import RELEASES

DESIRED = Desired(databases=("it_api",), user="it_nova", password="secret")
PLUGINS = [(name, plugin) for name, release in RELEASES.items() for plugin in release.plugins]
NOVA = {"databases": ["it_api"], "user": "it_nova", "password": "secret"}


def commands(server: Any, desired: Desired, **login: Any) -> list[str]:
    """Converge; the commands that it took."""
    operation = NovaDb(desired, server.client(**login))
    current = operation.read()
    plan = operation.plan(current)
    if plan.changed:
        operation.apply(current, plan)
        assert operation.plan(operation.read()).commands == []
    return plan.commands


def test_the_user_can_do_everything_in_its_database_and_nothing_beside(clean: Any) -> None:
    clean.query("CREATE DATABASE itXapi")
    commands(clean, DESIRED)
    who = {"user": "it_nova", "password": "secret"}
    clean.query("CREATE TABLE it_api.t (a int)", **who)
    clean.query("CREATE TABLE it_api.u (a int)", **who, host="127.0.0.1", port=clean.port)
    with pytest.raises(Exception, match="denied"):
        clean.query("CREATE TABLE itXapi.t (a int)", **who)


def test_nobody_who_is_logged_in_is_locked_out(clean: Any) -> None:
    commands(clean, DESIRED)
    narrow = {**NOVA, "hosts": ["10.0.0.%"], "exclusive_hosts": True, "login_unix_socket": clean.socket}
    who = Login("it_nova", b"secret", host="127.0.0.1", port=clean.port)
    with closing(connect(who)):
        failed = run_module(nova_db, **narrow)
        assert failed["code"] == "in_use"
        assert "where it_nova is logged in from now" in failed["msg"]
        assert sorted(clean.client().read([], "it_nova").accounts) == ["%", "localhost"]
        # The address is let in, so the two accounts are not needed.
        assert run_module(nova_db, **{**narrow, "hosts": ["127.0.0.0/255.0.0.0"]})["changed"]
    assert sorted(clean.client().read([], "it_nova").accounts) == ["127.0.0.0/255.0.0.0"]


def test_a_login_that_pymysql_gives_up_is_refused(mariadb: Any) -> None:
    three = " OR ".join(f"mysql_native_password USING PASSWORD('{word}')" for word in "abc")
    mariadb.query(f"CREATE USER it_nova@localhost IDENTIFIED VIA {three}")
    assert mariadb.client().log_in("it_nova", "none of them") is None


def test_the_module_end_to_end(clean: Any) -> None:
    socket = {"login_unix_socket": clean.socket}
    predicted = run_module(nova_db, check=True, diff=True, **NOVA, **socket)
    done = run_module(nova_db, diff=True, **NOVA, **socket)
    assert (predicted["commands"], predicted["diff"]) == (done["commands"], done["diff"])
    assert done["changed"]
    again = run_module(nova_db, diff=True, **NOVA, **socket)
    assert not again["changed"]
    assert "secret" not in str((predicted, done, again))


def test_partial_grants_are_completed_and_foreign_ones_stay(clean: Any) -> None:
    commands(clean, DESIRED)
    clean.query("REVOKE ALL PRIVILEGES ON `it\\_api`.* FROM it_nova@localhost")
    clean.query("GRANT SELECT, INSERT ON `it\\_api`.* TO it_nova@localhost")
    clean.query("CREATE DATABASE it_other")
    clean.query("GRANT SELECT ON it_other.* TO it_nova@localhost WITH GRANT OPTION")
    assert commands(clean, DESIRED) == ["GRANT ALL PRIVILEGES ON `it\\_api`.* TO 'it_nova'@'localhost'"]
    shown = [row[0] for row in clean.query("SHOW GRANTS FOR it_nova@localhost")]
    assert any("GRANT SELECT ON `it_other`.*" in line for line in shown)


def test_grants_of_the_guides_count(clean: Any) -> None:
    clean.query("CREATE DATABASE it_api CHARACTER SET utf8")
    for host in ("localhost", "%"):
        clean.query(f"CREATE USER 'it_nova'@'{host}' IDENTIFIED BY 'secret'")
        clean.query(f"GRANT ALL PRIVILEGES ON it_api.* TO 'it_nova'@'{host}'")
    assert commands(clean, DESIRED) == []


def test_an_anonymous_user_in_front_of_the_remote_account(clean: Any) -> None:
    """A login from here comes in as ''@localhost, so that only the stored hash can tell."""
    clean.query("CREATE USER ''@'localhost'")
    anywhere = replace(DESIRED, hosts=("%",))
    commands(clean, anywhere)
    assert commands(clean, anywhere) == []
    assert len(commands(clean, replace(anywhere, password="another"))) == 1


def test_the_administrator_comes_in_over_the_socket_without_a_password(clean: Any) -> None:
    account = "SELECT plugin FROM mysql.user WHERE CONCAT(User, '@', Host) = CURRENT_USER()"
    assert clean.query(account) == ((clean.socket_plugin,),)
    with pytest.raises(Exception, match="denied"):
        clean.query("SELECT 1", host="127.0.0.1", port=clean.port)


@pytest.mark.parametrize(("clean", "plugin"), PLUGINS, indirect=["clean"])
def test_accounts_keep_their_plugin(clean: Any, plugin: str) -> None:
    """One of the accounts is out of the reach of logins from here."""
    commands(clean, DESIRED)
    for host in DESIRED.hosts:
        clean.identify("it_nova", host, plugin, "secret")
    plugins = "SELECT DISTINCT plugin FROM mysql.user WHERE User = 'it_nova'"
    assert commands(clean, DESIRED) == []
    assert len(commands(clean, replace(DESIRED, password="another"))) == 2
    assert clean.query(plugins) == ((plugin,),)


@pytest.mark.parametrize(("clean", "plugin"), PLUGINS, indirect=["clean"])
def test_a_lost_password_of_one_account(clean: Any, plugin: str) -> None:
    commands(clean, DESIRED)
    for host, password in (("localhost", "secret"), ("%", "another")):
        clean.identify("it_nova", host, plugin, password)
    (command,) = commands(clean, DESIRED)
    assert command.startswith("ALTER USER 'it_nova'@'%'")


def test_an_account_without_a_password_plugin_gets_a_password(clean: Any) -> None:
    clean.query("CREATE USER it_nova@localhost")
    clean.identify("it_nova", "localhost", clean.socket_plugin)
    commands(clean, replace(DESIRED, hosts=("localhost",)))
    assert clean.client().log_in("it_nova", "secret") == "localhost"


@pytest.mark.parametrize("lifetime", ["", " INTERVAL 3 DAY"])
def test_an_expired_password_is_set_anew(clean: Any, lifetime: str) -> None:
    commands(clean, DESIRED)
    clean.query(f"ALTER USER it_nova@'%' PASSWORD EXPIRE{lifetime}")
    if lifetime:
        assert commands(clean, DESIRED) == []
        clean.age_password("it_nova", "%")
    (command,) = commands(clean, DESIRED)
    assert command.startswith("ALTER USER 'it_nova'@'%'")
    clean.query("ALTER USER it_nova@localhost PASSWORD EXPIRE")
    assert clean.client().log_in("it_nova", "secret") is None
    (command,) = commands(clean, DESIRED)
    assert command.startswith("ALTER USER 'it_nova'@'localhost'")
    assert clean.client().log_in("it_nova", "secret") == "localhost"


def test_an_account_whose_plugin_is_gone(clean: Any) -> None:
    commands(clean, DESIRED)
    clean.lose_plugin("it_nova")
    assert clean.client().log_in("it_nova", "secret") is None
    assert len(commands(clean, DESIRED)) == 2
    assert clean.client().log_in("it_nova", "secret") == "localhost"


def test_an_account_that_reached_its_limits(clean: Any) -> None:
    commands(clean, DESIRED)
    clean.query("ALTER USER it_nova@localhost WITH MAX_CONNECTIONS_PER_HOUR 1")
    clean.client().log_in("it_nova", "secret")
    assert clean.client().log_in("it_nova", "secret") is None
    operation = NovaDb(DESIRED, clean.client())
    assert operation.plan(operation.read()).commands == []


def test_a_locked_account(clean: Any) -> None:
    commands(clean, DESIRED)
    clean.query("ALTER USER it_nova@localhost ACCOUNT LOCK")
    with pytest.raises(CollectionError, match=r"as it_nova: .* ACCOUNT UNLOCK"):
        commands(clean, DESIRED)


def test_an_administrator_over_tls(clean: Any) -> None:
    clean.create_administrator("127.0.0.1", require="SSL")
    login = {"user": "it_admin", "password": b"x", "unix_socket": None, "port": clean.port}
    verified = {**login, "host": "127.0.0.1", "ca_cert": str(clean.ca_cert)}
    assert len(commands(clean, DESIRED, **verified, check_hostname=False)) == 5
    assert commands(clean, DESIRED, **verified, check_hostname=False) == []
    assert commands(clean, DESIRED, **login, host="127.0.0.1", tls=True) == []
    with pytest.raises(CollectionError, match="Check ca_cert and the name") as caught:
        commands(clean, DESIRED, **verified)
    assert caught.value.code == "tls"
    assert not isinstance(caught.value, UnreachableError)


def test_over_tcp_the_password_is_proven_where_the_login_arrives(clean: Any) -> None:
    clean.create_administrator("%")
    login = {
        "user": "it_admin",
        "password": b"x",
        "unix_socket": None,
        "host": "127.0.0.1",
        "port": clean.port,
    }
    anywhere = replace(DESIRED, hosts=("%",))
    commands(clean, anywhere, **login)
    assert clean.client(**login).log_in("it_nova", "secret") == "%"


@pytest.mark.parametrize(
    ("login", "kind", "code"),
    [
        ({"user": "it_nobody", "password": b"x"}, CollectionError, "access_denied"),
        ({"unix_socket": "/nonexistent/s"}, UnreachableError, "unreachable"),
        ({"unix_socket": None, "host": "127.0.0.1", "port": 1}, UnreachableError, "unreachable"),
    ],
)
def test_logins_that_fail(clean: Any, login: dict[str, Any], kind: type[Exception], code: str) -> None:
    with pytest.raises(CollectionError) as caught:
        commands(clean, DESIRED, **login)
    assert caught.type is kind
    assert caught.value.code == code


def test_only_connecting_has_to_be_quick(clean: Any) -> None:
    connection = connect(Login(getpass.getuser(), unix_socket=clean.socket, timeout=1))
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("SELECT SLEEP(1.2)")
        assert cursor.fetchall() == ((0,),)


def test_an_administrator_without_privileges(clean: Any) -> None:
    clean.query("CREATE USER it_admin@localhost IDENTIFIED BY 'x'")
    with pytest.raises(CollectionError, match="Log in as a user that holds this privilege"):
        commands(clean, DESIRED, user="it_admin", password=b"x")


def test_a_server_that_takes_no_writes(clean: Any) -> None:
    clean.create_administrator("localhost")
    beyond = "READ ONLY ADMIN" if clean.mariadb else "CONNECTION_ADMIN"
    clean.query(f"REVOKE {beyond}, SUPER ON *.* FROM it_admin@localhost")
    clean.query("SET GLOBAL read_only = 1")
    with pytest.raises(CollectionError, match="Log in to the server that takes writes"):
        commands(clean, DESIRED, user="it_admin", password=b"x")


def test_a_rotation_on_a_server_that_checks_passwords(validating: Any) -> None:
    first, second, third = (
        replace(DESIRED, password=f"{word}-S3cret") for word in ("first", "second", "third")
    )
    commands(validating, first)
    with pytest.raises(CollectionError, match=r"Turn strict_password_validation off .* or rotate without"):
        commands(validating, replace(second, retain_current_password=True))
    assert len(commands(validating, second)) == 2
    validating.query("SET GLOBAL strict_password_validation = 0")
    assert len(commands(validating, replace(third, retain_current_password=True))) == 2
    validating.query("SET GLOBAL strict_password_validation = 1")
    assert len(commands(validating, third)) == 2
    with pytest.raises(CollectionError, match="password policy"):
        commands(validating, DESIRED)


def test_an_unknown_encoding(clean: Any) -> None:
    with pytest.raises(CollectionError, match="SHOW CHARACTER SET"):
        commands(clean, replace(DESIRED, encoding="utf9"))
    with pytest.raises(CollectionError, match="SHOW COLLATION"):
        commands(clean, replace(DESIRED, collation="utf9_bin"))
    with pytest.raises(CollectionError, match="belongs to the encoding"):
        commands(clean, replace(DESIRED, collation="latin1_bin"))


@pytest.mark.parametrize("mariadb", ["mariadb-10.11", "mariadb-11.8"], indirect=True)
def test_a_collation_by_its_short_name(mariadb: Any) -> None:
    short = replace(DESIRED, user=None, encoding="utf8mb4", collation="uca1400_as_ci", repair_encoding=True)
    assert len(commands(mariadb, short)) == 1


def test_two_runs_at_once(clean: Any) -> None:
    """Both read an empty server, both write, both end well."""
    operations = [NovaDb(DESIRED, clean.client()) for _run in range(2)]
    states = [operation.read() for operation in operations]
    plans = [operation.plan(state) for operation, state in zip(operations, states)]
    failures: list[Exception] = []

    def apply(number: int) -> None:
        try:
            operations[number].apply(states[number], plans[number])
        except CollectionError as error:
            failures.append(error)

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert commands(clean, DESIRED) == []
