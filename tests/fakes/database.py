# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database server in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ansible_collections.stackwright.nova.plugins.module_utils._nova_db import statements
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.plan import ALL_PRIVILEGES
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.state import (
    Credential,
    Database,
    DatabaseAccount,
    State,
    canonical,
)

NATIVE = "mysql_native_password"
_COLLATIONS = {
    "utf8mb3": "utf8mb3_general_ci",
    "utf8mb4": "utf8mb4_general_ci",
    "latin1": "latin1_swedish_ci",
}
_MOST_SPECIFIC_FIRST = ("localhost", "%")


def native(password: str) -> str:
    """What the server keeps of a password."""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


@dataclass
class FakeServer:
    """A MariaDB, or a MySQL; logins come from localhost.

    ``written`` are the statements that came. Of those that begin with one of ``lost`` the server says that it
    took them, and forgets them. ``clients`` are logged in, whoever they are.
    """

    mariadb: bool = True
    databases: dict[str, Database] = field(default_factory=dict)
    accounts: dict[tuple[str, str], DatabaseAccount] = field(default_factory=dict)
    passwords: dict[tuple[str, str], dict[Credential, str]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    lost: tuple[str, ...] = ()
    clients: tuple[tuple[str, ...], ...] = ()

    def read(self, databases: Sequence[str], user: str | None) -> State:
        return State(
            mariadb=self.mariadb,
            databases={name: self.databases[name] for name in databases if name in self.databases},
            accounts={host: account for (name, host), account in self.accounts.items() if name == user},
        )

    def log_in(self, user: str, password: str) -> str | None:
        for host in _MOST_SPECIFIC_FIRST:
            if (user, host) in self.accounts:
                return host if password in self.passwords[user, host].values() else None
        return None

    def logins(self, user: str) -> frozenset[tuple[str, ...]]:
        return frozenset(self.clients)

    def create_database(self, name: str, encoding: str, collation: str | None) -> None:
        if self._takes(statements.create_database(name, encoding, collation)):
            self.databases.setdefault(name, _database(encoding, collation))

    def alter_database(self, name: str, encoding: str, collation: str | None) -> None:
        if self._takes(statements.alter_database(name, encoding, collation)):
            self.databases[name] = _database(encoding, collation)

    def drop_database(self, name: str) -> None:
        if self._takes(statements.drop_database(name)):
            self.databases.pop(name, None)

    def create_account(self, user: str, host: str, password: str) -> None:
        if self._takes(statements.create_account(user, host, password)) and (user, host) not in self.accounts:
            self.accounts[user, host] = DatabaseAccount()
            self._keep(user, host, {_credential(password): password})

    def set_mariadb_password(
        self, user: str, host: str, password: str, plugin: str, others: Sequence[Credential] = ()
    ) -> None:
        if self._takes(statements.set_mariadb_password(user, host, password, plugin, others)):
            known = self.passwords[user, host]
            current = {_credential(password, plugin): password}
            self._keep(user, host, {**current, **{other: known.get(other, "") for other in others}})

    def set_mysql_password(
        self, user: str, host: str, password: str, plugin: str, retain: bool = False
    ) -> None:
        if self._takes(statements.set_mysql_password(user, host, password, plugin, retain)):
            first, *retained = self.passwords[user, host].items()
            kept = [first] if retain else retained
            self._keep(user, host, {_credential(password, plugin): password, **dict(kept)})

    def discard_old_password(self, user: str, host: str) -> None:
        if self._takes(statements.discard_old_password(user, host)):
            first, *_retained = self.passwords[user, host].items()
            self._keep(user, host, dict([first]))

    def grant(self, user: str, host: str, database: str) -> None:
        if self._takes(statements.grant(user, host, database)):
            account = self.accounts[user, host]
            grants = {**account.grants, statements.pattern(database): ALL_PRIVILEGES}
            self.accounts[user, host] = replace(account, grants=grants)

    def drop_account(self, user: str, host: str) -> None:
        if self._takes(statements.drop_account(user, host)):
            self.accounts.pop((user, host), None)
            self.passwords.pop((user, host), None)

    def _takes(self, statement: str) -> bool:
        self.written.append(statement)
        return not statement.startswith(self.lost)

    def _keep(self, user: str, host: str, passwords: dict[Credential, str]) -> None:
        self.passwords[user, host] = passwords
        self.accounts[user, host] = replace(self.accounts[user, host], credentials=tuple(passwords))


def _database(encoding: str, collation: str | None) -> Database:
    return Database(encoding, canonical(collation or _COLLATIONS[encoding]))


def _credential(password: str, plugin: str = NATIVE) -> Credential:
    stored = native(password) if plugin in ("", NATIVE) else f"{plugin} of {password}"
    return Credential(plugin or NATIVE, stored)
