# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.plan import (
    ALL_PRIVILEGES,
    password_holds,
    plan,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import (
    Credential,
    Database,
    DatabaseAccount,
    State,
)
from fakes.database import NATIVE, native
from fakes.recorder import calls

UTF8 = Database("utf8mb3", "utf8mb3_general_ci")
RIGHT = native("secret")
WRONG = native("other")
# What MariaDB's ed25519 keeps of "secret" and of "another".
KEY = "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"
OTHER_KEY = "aqWLbOwCrsNUJB+IWDAkhA+yBjyTSMUM6AC3l6sj7Ls"
DESIRED = Desired(databases=("nova_api",), user="nova", password="secret")


def account(stored: str = RIGHT, plugin: str = NATIVE, **grants: str) -> DatabaseAccount:
    rights = {name: frozenset(words.split("+")) for name, words in grants.items()}
    return DatabaseAccount((Credential(plugin, stored),), rights or {"nova\\_api": ALL_PRIVILEGES})


def state(**changes: Any) -> State:
    settled = State(
        databases={"nova_api": UTF8},
        accounts={"localhost": account(), "%": account()},
        proven_host="localhost",
    )
    return replace(settled, **changes)


def commands(desired: Desired, current: State) -> list[str]:
    return plan(desired, current).commands


def test_nothing_to_do() -> None:
    decided = plan(DESIRED, state())
    assert decided.steps == ()
    assert decided.before == decided.after
    assert decided.warnings == ()
    assert decided.result == {
        "databases": [{"name": "nova_api", "encoding": "utf8mb3", "collation": "utf8mb3_general_ci"}],
        "user": {"name": "nova", "hosts": ["%", "localhost"]},
        "grants": [
            "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'localhost'",
            "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'",
        ],
    }


def test_from_nothing() -> None:
    decided = plan(DESIRED, State())
    assert decided.commands == [
        "CREATE DATABASE IF NOT EXISTS `nova_api` CHARACTER SET 'utf8mb3'",
        "CREATE USER IF NOT EXISTS 'nova'@'localhost' IDENTIFIED BY '********'",
        "CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY '********'",
        "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'localhost'",
        "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'",
    ]
    assert decided.before == {}
    assert decided.after == {
        "databases": {"nova_api": {"encoding": "utf8mb3", "collation": None}},
        "accounts": {
            "nova@localhost": {"password": "as given", "grants": ["ALL PRIVILEGES ON nova\\_api"]},
            "nova@%": {"password": "as given", "grants": ["ALL PRIVILEGES ON nova\\_api"]},
        },
    }
    assert "secret" not in repr(decided.commands) + repr(decided.after) + repr(decided.result)


SET_LOCALHOST = (
    "ALTER USER 'nova'@'localhost' IDENTIFIED VIA mysql_native_password USING PASSWORD('********')"
)
SET_ANY = "ALTER USER 'nova'@'%' IDENTIFIED VIA mysql_native_password USING PASSWORD('********')"
SET_ANY_ED25519 = "ALTER USER 'nova'@'%' IDENTIFIED VIA ed25519 USING PASSWORD('********')"
SET_LOCALHOST_ED25519 = SET_ANY_ED25519.replace("%", "localhost")


@pytest.mark.parametrize(
    ("localhost", "anywhere", "proven", "expected"),
    [
        pytest.param(account(WRONG), account(), None, [SET_LOCALHOST], id="local one wrong"),
        pytest.param(
            account(), account(WRONG), "localhost", [SET_ANY], id="remote one wrong, login proves nothing"
        ),
        pytest.param(account(WRONG), account(WRONG), None, [SET_LOCALHOST, SET_ANY], id="both wrong"),
        pytest.param(account(), account(), None, [], id="login refused for another reason, hashes right"),
        pytest.param(account(KEY, "ed25519"), account(KEY, "ed25519"), None, [], id="PyMySQL lacks PyNaCl"),
        pytest.param(
            account(KEY, "ed25519"),
            account(OTHER_KEY, "ed25519"),
            "localhost",
            [SET_ANY_ED25519],
            id="remote key differs",
        ),
        pytest.param(
            account(OTHER_KEY, "ed25519"),
            account(OTHER_KEY, "ed25519"),
            None,
            [SET_LOCALHOST_ED25519, SET_ANY_ED25519],
            id="both keys differ",
        ),
        pytest.param(
            account("", "unix_socket"), account(), "localhost", [], id="multi-factor account proven"
        ),
    ],
)
def test_passwords(
    localhost: DatabaseAccount, anywhere: DatabaseAccount, proven: str | None, expected: list[str]
) -> None:
    current = state(accounts={"localhost": localhost, "%": anywhere}, proven_host=proven)
    assert commands(DESIRED, current) == expected
    assert commands(replace(DESIRED, update_password=False), current) == []
    assert commands(replace(DESIRED, password=None), current) == []


def test_a_password_nobody_can_check_stays_with_a_warning() -> None:
    current = state(accounts={"localhost": account(), "%": account("x", "pam")})
    decided = plan(DESIRED, current)
    assert decided.steps == ()
    assert decided.warnings == (
        "Whether nova@% has the password cannot be checked from here (plugin pam, no login from that host). "
        "It stays as it is.",
    )
    assert password_holds(DESIRED, current, "%") is None


OLD = Credential(NATIVE, WRONG)
NEW = Credential(NATIVE, RIGHT)
OLDEST = Credential(NATIVE, native("oldest"))
SOCKET = Credential("unix_socket")


@pytest.mark.parametrize("retain", [False, True])
@pytest.mark.parametrize(
    ("credentials", "alone", "retained"),
    [
        pytest.param([NEW], None, None, id="in place"),
        pytest.param([OLD], [], [OLD], id="old one"),
        pytest.param([NEW, OLD], [], None, id="second half of a rotation"),
        pytest.param([OLD, OLDEST], [], [OLD], id="after a rotation that was cut"),
        pytest.param([SOCKET, NEW], None, None, id="other credentials stay"),
        pytest.param([SOCKET, OLD], [SOCKET], [OLD, SOCKET], id="other credentials stay in a rotation"),
        pytest.param([Credential(NATIVE)], [], [], id="no password yet"),
    ],
)
def test_rotation(
    credentials: list[Credential],
    alone: list[Credential] | None,
    retained: list[Credential] | None,
    retain: bool,
) -> None:
    current = state(accounts={"%": DatabaseAccount(tuple(credentials), account().grants)}, proven_host=None)
    desired = replace(DESIRED, hosts=("%",), retain_current_password=retain)
    others = retained if retain else alone
    expected = (
        []
        if others is None
        else [("set_mariadb_password", ("nova", "%", "secret", NATIVE, tuple(others)), {})]
    )
    assert calls(plan(desired, current)) == expected


def test_the_diff_of_a_rotation_tells_the_halves_apart_and_no_secrets() -> None:
    desired = replace(DESIRED, hosts=("%",), retain_current_password=True)
    first = plan(desired, state(accounts={"%": account(WRONG)}, proven_host=None))
    second = plan(
        replace(desired, retain_current_password=False),
        state(accounts={"%": DatabaseAccount((NEW, OLD), account().grants)}, proven_host=None),
    )
    states = [
        each["accounts"]["nova@%"]["password"]  # type: ignore[index]
        for each in (first.before, first.after, second.before, second.after)
    ]
    assert states == ["another", "as given, and older ones", "as given, and older ones", "as given"]
    assert first.commands == [f"{SET_ANY} OR mysql_native_password USING '********'"]
    assert WRONG not in repr(first.commands)


@pytest.mark.parametrize("mariadb", [True, False])
@pytest.mark.parametrize("retain", [True, False])
def test_an_expired_password_is_set_anew(mariadb: bool, retain: bool) -> None:
    expired = replace(account(), expired=True)
    current = state(mariadb=mariadb, accounts={"localhost": account(), "%": expired})
    decided = plan(replace(DESIRED, retain_current_password=retain), current)
    (command,) = decided.commands
    assert command.startswith("ALTER USER 'nova'@'%' IDENTIFIED ")
    assert command.count("********") == 1
    assert "RETAIN" not in command
    assert decided.before["accounts"]["nova@%"]["password"] == "expired"  # type: ignore[index]


@pytest.mark.parametrize(
    ("mariadb", "how"), [(True, "BY '********'"), (False, "WITH caching_sha2_password BY '********'")]
)
def test_an_account_whose_plugin_is_not_loaded_gets_the_servers_own(mariadb: bool, how: str) -> None:
    unusable = replace(account(), credentials=())
    current = state(mariadb=mariadb, accounts={"localhost": account(), "%": unusable})
    decided = plan(DESIRED, current)
    assert decided.commands == [f"ALTER USER 'nova'@'%' IDENTIFIED {how}"]
    assert decided.warnings == ()


SHA2 = Credential("caching_sha2_password", "")


@pytest.mark.parametrize(
    ("credentials", "retain", "expected"),
    [
        ([NEW], False, []),
        ([OLD], False, ["set"]),
        ([OLD], True, ["set RETAIN"]),
        ([NEW, OLD], True, []),
        ([NEW, OLD], False, ["DISCARD"]),
        ([OLD, NEW], False, ["set", "DISCARD"]),
        ([OLD, OLDEST], False, ["set", "DISCARD"]),
        ([SHA2], True, ["set"]),
        ([Credential("auth_socket")], True, ["set"]),
    ],
)
def test_rotation_in_mysql(credentials: list[Credential], retain: bool, expected: list[str]) -> None:
    accounts = {"%": DatabaseAccount(tuple(credentials), account().grants)}
    current = state(mariadb=False, accounts=accounts, proven_host=None)
    desired = replace(DESIRED, hosts=("%",), retain_current_password=retain)
    kinds = [
        "DISCARD"
        if command.endswith(" DISCARD OLD PASSWORD")
        else "set RETAIN"
        if command.endswith(" BY '********' RETAIN CURRENT PASSWORD")
        else "set"
        for command in commands(desired, current)
    ]
    assert kinds == expected


def test_a_changed_password_shows_in_the_diff_without_its_value() -> None:
    decided = plan(DESIRED, state(accounts={"localhost": account(), "%": account(WRONG)}))
    assert decided.before["accounts"]["nova@%"]["password"] == "another"  # type: ignore[index]
    assert decided.after["accounts"]["nova@%"]["password"] == "as given"  # type: ignore[index]
    assert decided.before["accounts"]["nova@localhost"] == decided.after["accounts"]["nova@localhost"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("grants", "granted"),
    [
        ({"nova\\_api": "ALL PRIVILEGES"}, True),
        ({"nova_api": "ALL PRIVILEGES"}, True),
        ({"nova\\_api": "SELECT+INSERT"}, False),
        ({"nova\\_api": "SELECT", "nova_api": "ALL PRIVILEGES"}, False),
        ({"nova%": "ALL PRIVILEGES"}, False),
        ({"neutron": "ALL PRIVILEGES"}, False),
    ],
)
def test_grants_are_sets_and_the_most_specific_one_decides(grants: dict[str, str], granted: bool) -> None:
    current = state(accounts={"localhost": account(), "%": account(**grants)})
    decided = plan(DESIRED, current)
    missing = [] if granted else ["GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'"]
    assert decided.commands == missing
    kept = [f"{', '.join(sorted(words.split('+')))} ON {name}" for name, words in grants.items()]
    after = decided.after["accounts"]["nova@%"]["grants"]  # type: ignore[index]
    assert [grant for grant in kept if "nova\\_api" not in grant] == [
        grant for grant in after if "nova\\_api" not in grant
    ]


@pytest.mark.parametrize(
    ("existing", "changes", "differs"),
    [
        (UTF8, {}, False),
        (UTF8, {"collation": "utf8_general_ci"}, False),
        (UTF8, {"collation": "utf8mb3_bin"}, True),
        (Database("utf8mb3", "utf8mb3_uca1400_ai_ci"), {"collation": "uca1400_ai_ci"}, False),
        (Database("utf8mb3", "utf8mb3_uca1400_as_cs"), {"collation": "uca1400_ai_ci"}, True),
        (Database("utf8mb4", "utf8mb4_general_ci"), {}, True),
        (Database("latin1", "latin1_swedish_ci"), {}, True),
        (Database("utf8mb4", "utf8mb4_bin"), {"encoding": "utf8mb4"}, False),
    ],
)
def test_another_encoding_is_reported_and_repaired_only_on_request(
    existing: Database, changes: dict[str, str], differs: bool
) -> None:
    desired = replace(DESIRED, **changes)
    current = state(databases={"nova_api": existing})
    reported = plan(desired, current)
    assert reported.steps == ()
    assert bool(reported.warnings) == differs
    assert reported.before == reported.after
    repaired = plan(replace(desired, repair_encoding=True), current)
    alteration = ("alter_database", ("nova_api", desired.encoding, desired.collation), {})
    assert calls(repaired) == [alteration] * differs
    assert repaired.warnings == ()
    assert (repaired.before != repaired.after) == differs


def test_the_warning_about_an_encoding() -> None:
    decided = plan(DESIRED, state(databases={"nova_api": Database("latin1", "latin1_swedish_ci")}))
    assert decided.warnings == (
        "Database nova_api has character set latin1 (latin1_swedish_ci), not utf8mb3. "
        "It stays so; set repair_encoding to change the default for its future tables.",
    )


def test_hosts_are_added_and_other_ones_dropped_only_on_request() -> None:
    current = state(accounts={"localhost": account(), "10.0.0.9": account()})
    assert commands(DESIRED, current) == [
        "CREATE USER IF NOT EXISTS 'nova'@'%' IDENTIFIED BY '********'",
        "GRANT ALL PRIVILEGES ON `nova\\_api`.* TO 'nova'@'%'",
    ]
    assert plan(DESIRED, current).result["user"] == {"name": "nova", "hosts": ["%", "10.0.0.9", "localhost"]}
    exclusive = plan(replace(DESIRED, exclusive_hosts=True), current)
    assert exclusive.commands[-1] == "DROP USER IF EXISTS 'nova'@'10.0.0.9'"
    assert exclusive.result["user"] == {"name": "nova", "hosts": ["%", "localhost"]}
    assert "nova@10.0.0.9" not in exclusive.after["accounts"]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("logins", "locked_out"),
    [
        (set(), ""),
        ({("localhost",), ("10.0.0.9",)}, ""),
        # The server shows a name; an account for its address lets it in as well.
        ({("controller1", "10.0.0.11")}, ""),
        ({("10.1.0.9",), ("localhost",), ("compute9", "10.1.0.10")}, "10.1.0.9, compute9"),
    ],
)
def test_nobody_who_is_logged_in_is_locked_out(logins: set[tuple[str, ...]], locked_out: str) -> None:
    narrow = replace(DESIRED, hosts=("localhost", "10.0.0.%"), exclusive_hosts=True)
    decided = plan(narrow, state(accounts={"localhost": account(), "%": account()}, logins=frozenset(logins)))
    assert decided.commands[-1] == "DROP USER IF EXISTS 'nova'@'%'"
    assert [str(error) for error in decided.unmet] == [
        f"Cannot drop database user nova@%: no account in hosts (localhost, 10.0.0.%) lets in {locked_out}, "
        "where nova is logged in from now. Add it to hosts, or stop what runs there."
    ] * bool(locked_out)


def test_who_is_logged_in_matters_only_where_an_account_goes() -> None:
    current = state(accounts={"localhost": account(), "%": account()}, logins=frozenset({("10.1.0.9",)}))
    assert plan(replace(DESIRED, hosts=("localhost",)), current).unmet == ()


def test_only_databases() -> None:
    decided = plan(Desired(databases=("a`b",)), State())
    assert decided.commands == ["CREATE DATABASE IF NOT EXISTS `a``b` CHARACTER SET 'utf8mb3'"]
    assert decided.result["user"] is None
    assert decided.result["grants"] == []


def test_a_new_account_needs_a_password() -> None:
    with pytest.raises(CollectionError, match="Cannot create database user nova@%: no password was given"):
        plan(replace(DESIRED, password=None), state(accounts={"localhost": account()}))


def test_the_steps_send_what_they_show_with_the_password() -> None:
    assert calls(plan(replace(DESIRED, hosts=("%",)), State())) == [
        ("create_database", ("nova_api", "utf8mb3", None), {}),
        ("create_account", ("nova", "%", "secret"), {}),
        ("grant", ("nova", "%", "nova_api"), {}),
    ]
    rotated = state(mariadb=False, accounts={"%": DatabaseAccount((OLD, OLDEST))}, proven_host=None)
    assert calls(plan(Desired(user="nova", password="secret", hosts=("%",)), rotated)) == [
        ("set_mysql_password", ("nova", "%", "secret", NATIVE, False), {}),
        ("discard_old_password", ("nova", "%"), {}),
    ]
    assert calls(plan(replace(DESIRED, present=False, drop_databases=True), state())) == [
        ("drop_account", ("nova", "%"), {}),
        ("drop_account", ("nova", "localhost"), {}),
        ("drop_database", ("nova_api",), {}),
    ]


@pytest.mark.parametrize("drop", [False, True])
def test_absent(drop: bool) -> None:
    desired = replace(DESIRED, present=False, drop_databases=drop, hosts=("localhost",))
    current = state(accounts={"localhost": account(), "10.0.0.9": account()})
    decided = plan(desired, current)
    dropped = ["DROP USER IF EXISTS 'nova'@'10.0.0.9'", "DROP USER IF EXISTS 'nova'@'localhost'"]
    assert decided.commands == dropped + ["DROP DATABASE IF EXISTS `nova_api`"] * drop
    databases = {"nova_api": {"encoding": "utf8mb3", "collation": "utf8mb3_general_ci"}}
    assert decided.after == ({} if drop else {"databases": databases})
    assert decided.result["user"] is None
    assert [each["name"] for each in decided.result["databases"]] == ([] if drop else ["nova_api"])


def test_absent_again() -> None:
    desired = replace(DESIRED, present=False, drop_databases=True)
    decided = plan(desired, State())
    assert (decided.steps, decided.before, decided.after) == ((), {}, {})
