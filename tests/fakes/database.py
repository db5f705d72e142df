# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A database server in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils.database import sql
from ansible_collections.stackwright.nova.plugins.module_utils.database.credentials import Credential
from ansible_collections.stackwright.nova.plugins.module_utils.database.planning import (
    ALL_PRIVILEGES,
    Account,
    Database,
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
    """Logins come from localhost; ``lost`` are writes that the server takes without effect."""

    databases: dict[str, Database] = field(default_factory=dict)
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    passwords: dict[tuple[str, str], dict[Credential, str]] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    lost: Sequence[str] = ()

    def read(self, databases: Sequence[str], user: str | None) -> State:
        return State(
            databases={name: self.databases[name] for name in databases if name in self.databases},
            accounts={host: account for (name, host), account in self.accounts.items() if name == user},
        )

    def log_in(self, user: str, password: str) -> str | None:
        for host in _MOST_SPECIFIC_FIRST:
            if (user, host) in self.accounts:
                return host if password in self.passwords[user, host].values() else None
        return None

    def write(self, action: str, arguments: Mapping[str, Any]) -> None:
        self.written.append(sql.STATEMENTS[action](**arguments))
        if action not in self.lost:
            getattr(self, f"_{action}")(**arguments)

    def _create_database(self, name: str, encoding: str, collation: str | None) -> None:
        self.databases.setdefault(name, Database(encoding, canonical(collation or _COLLATIONS[encoding])))

    def _alter_database(self, name: str, encoding: str, collation: str | None) -> None:
        self.databases[name] = Database(encoding, canonical(collation or _COLLATIONS[encoding]))

    def _drop_database(self, name: str) -> None:
        self.databases.pop(name, None)

    def _create_account(self, user: str, host: str, password: str) -> None:
        if (user, host) not in self.accounts:
            self.accounts[user, host] = Account()
            self._set_password(user, host, password, NATIVE)

    def _set_password(
        self, user: str, host: str, password: str, plugin: str, besides: Sequence[Credential] = ()
    ) -> None:
        stored = native(password) if plugin in ("", NATIVE) else f"{plugin} of {password}"
        credential = Credential(plugin or NATIVE, stored)
        known = self.passwords.get((user, host), {})
        account = self.accounts[user, host]
        self.accounts[user, host] = replace(account, credentials=(credential, *besides))
        self.passwords[user, host] = {credential: password, **{way: known[way] for way in besides}}

    def _grant(self, user: str, host: str, database: str) -> None:
        account = self.accounts[user, host]
        grants = {**account.grants, sql.pattern(database): ALL_PRIVILEGES}
        self.accounts[user, host] = replace(account, grants=grants)

    def _drop_account(self, user: str, host: str) -> None:
        self.accounts.pop((user, host), None)
        self.passwords.pop((user, host), None)
