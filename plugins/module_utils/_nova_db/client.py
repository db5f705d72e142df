# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``nova_db`` needs of a database server, and the real one of MariaDB and MySQL."""

from __future__ import annotations

import contextlib
import re
import socket
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Any, Protocol

from .._clients.sql import Login, QueryError, SqlConnections, literal
from .._engine.errors import CollectionError
from . import statements
from .credentials import of_mariadb, of_mysql
from .state import Credential, Database, DatabaseAccount, State, canonical

_DATABASE_GRANT = re.compile(r"GRANT (?P<privileges>.+?) ON `(?P<pattern>(?:[^`]|``)*)`\.\* TO ", re.DOTALL)
_CHANGED = "JSON_VALUE(Priv, '$.password_last_changed')"
_LIFETIME = "COALESCE(NULLIF(JSON_VALUE(Priv, '$.password_lifetime'), -1), @@default_password_lifetime)"
_MYSQL_LIFETIME = "COALESCE(password_lifetime, @@default_password_lifetime)"
# Where each kind of server keeps its accounts: the host, whether the password is expired, the credentials.
_MARIADB_ACCOUNTS = (
    f"SELECT Host, {_CHANGED} <=> 0 OR "
    f"{_LIFETIME} > 0 AND UNIX_TIMESTAMP() >= COALESCE({_CHANGED}, 0) + 86400 * {_LIFETIME}, "
    "Priv FROM mysql.global_priv"
)
_MYSQL_ACCOUNTS = (
    "SELECT Host, password_expired = 'Y' OR "
    f"{_MYSQL_LIFETIME} > 0 AND NOW() > password_last_changed + INTERVAL {_MYSQL_LIFETIME} DAY, "
    "plugin, authentication_string, User_attributes FROM mysql.user"
)
# What keeps one user out; the server's list of accounts shows the rest.
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
    """Reads in one pass; each other method but ``log_in`` sends the statement of its name.

    What the statements do and their parameters mean, ``statements`` says.
    """

    def read(self, databases: Sequence[str], user: str | None) -> State:
        """What is there of these databases and of all accounts of the user."""

    def log_in(self, user: str, password: str) -> str | None:
        """The host of the account to which a login from here leads; None where it is refused."""

    def logins(self, user: str) -> frozenset[tuple[str, ...]]:
        """Where the user is logged in from now, each by the name that the server shows and by its addresses."""

    def create_database(self, name: str, encoding: str, collation: str | None) -> None:
        """Create a database."""

    def alter_database(self, name: str, encoding: str, collation: str | None) -> None:
        """Change a database's default for new tables."""

    def drop_database(self, name: str) -> None:
        """Drop a database."""

    def create_account(self, user: str, host: str, password: str) -> None:
        """Create an account."""

    def set_mariadb_password(
        self, user: str, host: str, password: str, plugin: str, others: Sequence[Credential] = ()
    ) -> None:
        """Set an account's password in MariaDB."""

    def set_mysql_password(
        self, user: str, host: str, password: str, plugin: str, retain: bool = False
    ) -> None:
        """Set an account's password in MySQL."""

    def discard_old_password(self, user: str, host: str) -> None:
        """Drop the password that MySQL retained."""

    def grant(self, user: str, host: str, database: str) -> None:
        """Grant all privileges on one database."""

    def drop_account(self, user: str, host: str) -> None:
        """Drop an account."""


class MysqlClient:
    """A server that speaks the MySQL protocol, reached over one connection, as an administrator."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self._connections = SqlConnections()

    def read(self, databases: Sequence[str], user: str | None) -> State:
        """See ``DatabaseClient``."""
        mariadb = "mariadb" in self._rows("SELECT VERSION()")[0][0].lower()
        return State(
            mariadb=mariadb,
            databases=self._databases(databases),
            accounts=self._accounts(user, mariadb) if user else {},
        )

    def log_in(self, user: str, password: str) -> str | None:
        """See ``DatabaseClient``; comes in the administrator's way, over a separate connection."""
        login = replace(self._login, user=user, password=password.encode())
        try:
            with closing(SqlConnections()) as probe:
                ((account,),) = probe.rows(login, "SELECT CURRENT_USER()")
        except CollectionError as error:
            if error.code not in _REFUSALS_OF_A_USER:
                raise
            return None
        return str(account).rpartition("@")[2]

    def logins(self, user: str) -> frozenset[tuple[str, ...]]:
        """See ``DatabaseClient``."""
        rows = self._rows(f"SELECT host FROM information_schema.processlist WHERE user = {literal(user)}")
        return frozenset(_names(_text(host)) for (host,) in rows)

    def create_database(self, name: str, encoding: str, collation: str | None) -> None:
        """See ``DatabaseClient``."""
        self._send(statements.create_database(name, encoding, collation), "create", "database", name)

    def alter_database(self, name: str, encoding: str, collation: str | None) -> None:
        """See ``DatabaseClient``."""
        self._send(statements.alter_database(name, encoding, collation), "alter", "database", name)

    def drop_database(self, name: str) -> None:
        """See ``DatabaseClient``."""
        self._send(statements.drop_database(name), "drop", "database", name)

    def create_account(self, user: str, host: str, password: str) -> None:
        """See ``DatabaseClient``."""
        statement = statements.create_account(user, host, password)
        self._send(statement, "create", "database user", f"{user}@{host}")

    def set_mariadb_password(
        self, user: str, host: str, password: str, plugin: str, others: Sequence[Credential] = ()
    ) -> None:
        """See ``DatabaseClient``."""
        statement = statements.set_mariadb_password(user, host, password, plugin, others)
        self._send(statement, "set", "password of database user", f"{user}@{host}")

    def set_mysql_password(
        self, user: str, host: str, password: str, plugin: str, retain: bool = False
    ) -> None:
        """See ``DatabaseClient``."""
        statement = statements.set_mysql_password(user, host, password, plugin, retain)
        self._send(statement, "set", "password of database user", f"{user}@{host}")

    def discard_old_password(self, user: str, host: str) -> None:
        """See ``DatabaseClient``."""
        statement = statements.discard_old_password(user, host)
        self._send(statement, "discard", "old password of database user", f"{user}@{host}")

    def grant(self, user: str, host: str, database: str) -> None:
        """See ``DatabaseClient``."""
        statement = statements.grant(user, host, database)
        self._send(statement, "grant", f"all privileges on {database} to database user", f"{user}@{host}")

    def drop_account(self, user: str, host: str) -> None:
        """See ``DatabaseClient``."""
        self._send(statements.drop_account(user, host), "drop", "database user", f"{user}@{host}")

    def _databases(self, names: Sequence[str]) -> dict[str, Database]:
        if not names:
            return {}
        listed = ", ".join(map(literal, names))
        rows = self._rows(
            "SELECT schema_name, default_character_set_name, default_collation_name "
            f"FROM information_schema.schemata WHERE schema_name IN ({listed})"
        )
        found = {
            name: Database(str(canonical(encoding)), str(canonical(collation)))
            for name, encoding, collation in rows
        }
        return {name: found[name] for name in names if name in found}

    def _accounts(self, user: str, mariadb: bool) -> dict[str, DatabaseAccount]:
        # Roles of MariaDB are rows without a host.
        rows = self._rows(
            f"{_MARIADB_ACCOUNTS if mariadb else _MYSQL_ACCOUNTS} "
            f"WHERE User = {literal(user)} AND Host <> '' ORDER BY Host"
        )
        loaded = self._loaded_plugins() if rows else frozenset()
        accounts = {}
        for host, expired, *stored in rows:
            columns = map(_text, stored)
            credentials = of_mariadb(*columns) if mariadb else of_mysql(*columns)
            usable = tuple(each for each in credentials if not each.plugin or each.plugin.lower() in loaded)
            accounts[host] = DatabaseAccount(usable, self._grants(user, host), bool(expired))
        return accounts

    def _loaded_plugins(self) -> frozenset[str]:
        rows = self._rows(
            "SELECT LOWER(plugin_name) FROM information_schema.plugins "
            "WHERE plugin_type = 'AUTHENTICATION' AND plugin_status = 'ACTIVE'"
        )
        return frozenset(row[0] for row in rows)

    def _grants(self, user: str, host: str) -> dict[str, frozenset[str]]:
        rows = self._rows(f"SHOW GRANTS FOR {statements.account(user, host)}")
        return database_grants(row[0] for row in rows)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        return self._send(query, "read", "accounts and databases", "")

    def _send(self, statement: str, verb: str, kind: str, name: str) -> list[tuple[Any, ...]]:
        """Carry out a statement; verb, kind and name say in errors what it was for."""
        try:
            return self._connections.rows(self._login, statement)
        except QueryError as error:
            number, cause = self._cause(error)
            raise CollectionError(
                verb, kind, name, cause, _remedy(number, cause), code="refused_by_server", errno=number
            ) from error

    def _cause(self, error: QueryError) -> tuple[int, str]:
        """What is behind "Operation ALTER USER failed": MariaDB reports it on request."""
        if error.number == _OPERATION_FAILED:
            with contextlib.suppress(QueryError):
                for level, number, cause in self._connections.rows(self._login, "SHOW WARNINGS"):
                    if level == "Error" and number != error.number:
                        return number, cause
        return error.number, error.text


def database_grants(lines: Iterable[str]) -> dict[str, frozenset[str]]:
    """The privileges by database pattern in the lines of SHOW GRANTS; grants on other levels are left out."""
    grants: dict[str, frozenset[str]] = {}
    for line in lines:
        match = _DATABASE_GRANT.match(line)
        if match:
            database = match["pattern"].replace("``", "`")
            privileges = frozenset(word.strip() for word in match["privileges"].split(","))
            grants[database] = grants.get(database, frozenset()) | privileges
    return grants


def _names(client: str) -> tuple[str, ...]:
    """A client as the process list shows it, ``name:port``, and the addresses that its name stands for here.

    Without a port it came in by the socket, where localhost is all there is.
    """
    host, colon, port = client.rpartition(":")
    if not (colon and port.isdigit()):
        return (client,)
    addresses: set[str] = set()
    with contextlib.suppress(OSError):
        addresses = {str(entry[4][0]) for entry in socket.getaddrinfo(host, None)}
    return (host, *sorted(addresses - {host}))


def _remedy(number: int, text: str) -> str:
    for option, remedy in _OPTION_REMEDIES.items():
        if option in text:
            return remedy
    return _REMEDIES.get(number, "See the server's log")


def _text(stored: Any) -> str:
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else stored or ""
