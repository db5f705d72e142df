# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``nova_db`` needs of a database server, and the real one of MariaDB and MySQL."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol

from ..engine.errors import CollectionError
from . import sql
from .connection import Login, connect, load_driver, server_message
from .credentials import of_mariadb, of_mysql
from .planning import Account, Database, State, canonical

_DATABASE_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON `(?P<pattern>(?:[^`]|``)*)`\.\* TO ", re.DOTALL)
_CHANGED = "JSON_VALUE(Priv, '$.password_last_changed')"
_LIFETIME = "COALESCE(NULLIF(JSON_VALUE(Priv, '$.password_lifetime'), -1), @@default_password_lifetime)"
_MYSQL_LIFETIME = "COALESCE(password_lifetime, @@default_password_lifetime)"
# Where each kind of server keeps its accounts: whether the password is expired, the credentials, the table.
_ACCOUNTS = {
    True: (
        f"{_CHANGED} <=> 0 OR "
        f"{_LIFETIME} > 0 AND UNIX_TIMESTAMP() >= COALESCE({_CHANGED}, 0) + 86400 * {_LIFETIME}",
        "Priv",
        "global_priv",
    ),
    False: (
        "password_expired = 'Y' OR "
        f"{_MYSQL_LIFETIME} > 0 AND NOW() > password_last_changed + INTERVAL {_MYSQL_LIFETIME} DAY",
        "plugin, authentication_string, User_attributes",
        "user",
    ),
}
# What keeps one user out: what the server keeps of its accounts tells the rest.
_REFUSALS_OF_A_USER = frozenset(
    {
        "access_denied",
        "account_blocked",
        "password_expired",
        "plugin_missing",
        "plugin_not_loaded",
        "too_many_logins",
    }
)
# What a statement does, and to what, for errors.
_DEEDS = {
    "create_database": ("create", "database"),
    "alter_database": ("alter", "database"),
    "drop_database": ("drop", "database"),
    "create_account": ("create", "database user"),
    "set_password": ("set", "password of database user"),
    "set_mysql_password": ("set", "password of database user"),
    "discard_old_password": ("discard", "old password of database user"),
    "grant": ("grant", "all privileges on {database} to database user"),
    "drop_account": ("drop", "database user"),
}
_PRIVILEGE = "Log in as a user that holds this privilege and may grant it"
_WRITES = "Log in to the server that takes writes"
_REMEDIES = {
    1044: _PRIVILEGE,
    1045: _PRIVILEGE,
    1115: "Choose an encoding that SHOW CHARACTER SET lists",
    1142: _PRIVILEGE,
    1227: _PRIVILEGE,
    1253: "Choose a collation that belongs to the encoding",
    1273: "Choose a collation that SHOW COLLATION lists",
    1290: _WRITES,
    1410: _PRIVILEGE,
    1819: "Choose a password that the server's password policy accepts",
    1836: _WRITES,
}
_OPERATION_FAILED = 1396
# The option of a server that refuses a statement with 1290, where another server is of no help.
_OPTION_REMEDIES = {
    "--skip-grant-tables": "Start the server without this option",
    "--strict-password-validation": "Turn strict_password_validation off in the server until the rotation is over, "
    "or rotate without retain_current_password",
}


class DatabaseClient(Protocol):
    """Reads in one pass, writes one statement at a time."""

    def read(self, databases: Sequence[str], user: str | None) -> State:
        """What is there of these databases and of all accounts of the user."""

    def log_in(self, user: str, password: str) -> str | None:
        """The host of the account that a login from here comes in by; None where it is refused."""

    def write(self, action: str, arguments: Mapping[str, Any]) -> None:
        """Carry out one of ``sql.STATEMENTS``."""


class MysqlClient:
    """A server that speaks the MySQL protocol, reached once, as an administrator."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._connection: Any = None

    def read(self, databases: Sequence[str], user: str | None) -> State:
        """What is there; see ``DatabaseClient``."""
        mariadb = "mariadb" in self._query("SELECT VERSION()")[0][0].lower()
        return State(
            mariadb=mariadb,
            databases=self._databases(databases),
            accounts=self._accounts(user, mariadb) if user else {},
        )

    def log_in(self, user: str, password: str) -> str | None:
        """Come in the administrator's way; whose account it was, the server says."""
        try:
            connection = connect(replace(self._login, user=user, password=password.encode()))
        except CollectionError as error:
            if error.code not in _REFUSALS_OF_A_USER:
                raise
            return None
        with closing(connection), connection.cursor() as cursor:
            cursor.execute("SELECT CURRENT_USER()")
            return cursor.fetchone()[0].rpartition("@")[2]

    def write(self, action: str, arguments: Mapping[str, Any]) -> None:
        """Send the statement of that name."""
        verb, kind = _DEEDS[action]
        self._query(sql.STATEMENTS[action](**arguments), verb, kind.format_map(arguments), _name(arguments))

    def _databases(self, names: Sequence[str]) -> dict[str, Database]:
        if not names:
            return {}
        listed = ", ".join(map(sql.literal, names))
        rows = self._query(
            "SELECT schema_name, default_character_set_name, default_collation_name "
            f"FROM information_schema.schemata WHERE schema_name IN ({listed})"
        )
        found = {
            name: Database(str(canonical(encoding)), str(canonical(order))) for name, encoding, order in rows
        }
        return {name: found[name] for name in names if name in found}

    def _accounts(self, user: str, mariadb: bool) -> dict[str, Account]:
        expired, columns, table = _ACCOUNTS[mariadb]
        # Roles of MariaDB are rows without a host.
        rows = self._query(
            f"SELECT Host, {expired}, {columns} FROM mysql.{table} "
            f"WHERE User = {sql.literal(user)} AND Host <> '' ORDER BY Host"
        )
        loaded = self._loaded_plugins() if rows else frozenset()
        accounts = {}
        for host, over, *stored in rows:
            ways = of_mariadb(*map(_text, stored)) if mariadb else of_mysql(*map(_text, stored))
            usable = tuple(way for way in ways if not way.plugin or way.plugin.lower() in loaded)
            accounts[host] = Account(usable, self._grants(user, host), bool(over))
        return accounts

    def _loaded_plugins(self) -> frozenset[str]:
        rows = self._query(
            "SELECT LOWER(plugin_name) FROM information_schema.plugins "
            "WHERE plugin_type = 'AUTHENTICATION' AND plugin_status = 'ACTIVE'"
        )
        return frozenset(row[0] for row in rows)

    def _grants(self, user: str, host: str) -> dict[str, frozenset[str]]:
        rows = self._query(f"SHOW GRANTS FOR {sql.account(user, host)}")
        return database_grants(row[0] for row in rows)

    def _query(
        self, statement: str, verb: str = "read", kind: str = "accounts and databases", name: str = ""
    ) -> Any:
        driver = load_driver("connect to", "database server", self._login.place)
        if self._connection is None:
            self._connection = connect(self._login)
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall()
        except driver.err.MySQLError as error:
            number, text = self._cause(*server_message(error))
            raise CollectionError(
                verb, kind, name, text, _remedy(number, text), code="refused_by_server", errno=number
            ) from error

    def _cause(self, number: int, text: str) -> tuple[int, str]:
        """What is behind "Operation ALTER USER failed": MariaDB tells on request."""
        if number != _OPERATION_FAILED:
            return number, text
        with self._connection.cursor() as cursor:
            cursor.execute("SHOW WARNINGS")
            for level, other, cause in cursor.fetchall():
                if level == "Error" and other != number:
                    return other, cause
        return number, text


def database_grants(statements: Any) -> dict[str, frozenset[str]]:
    """The privileges by database pattern in the lines of SHOW GRANTS; grants on other levels are left out."""
    grants: dict[str, frozenset[str]] = {}
    for statement in statements:
        match = _DATABASE_GRANT.match(statement)
        if match:
            on = match["pattern"].replace("``", "`")
            privileges = frozenset(word.strip() for word in match["privileges"].split(","))
            grants[on] = grants.get(on, frozenset()) | privileges
    return grants


def _remedy(number: int, text: str) -> str:
    for option, remedy in _OPTION_REMEDIES.items():
        if option in text:
            return remedy
    return _REMEDIES.get(number, "See the server's log")


def _text(stored: Any) -> str:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored or ""


def _name(arguments: Mapping[str, Any]) -> str:
    return f"{arguments['user']}@{arguments['host']}" if "user" in arguments else str(arguments["name"])
