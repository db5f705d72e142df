# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a database server has of the databases and the user in question."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from . import passwords


@dataclass(frozen=True)
class Database:
    """A database's defaults for new tables, by their present names."""

    encoding: str
    collation: str


@dataclass(frozen=True)
class Credential:
    """An authentication plugin, and what the server keeps for it; an account may have several credentials."""

    plugin: str = ""
    stored: str = field(default="", repr=False)

    @property
    def is_password(self) -> bool:
        """Whether the plugin asks for a password that is set in the server; it may keep none yet."""
        return self.plugin in passwords.PLUGINS

    def matches(self, password: str) -> bool | None:
        """Whether this is that password; None where the plugin's way of storing passwords is not known."""
        return passwords.matches(self.plugin, self.stored, password)


@dataclass(frozen=True)
class DatabaseAccount:
    """How a user logs in from one host, and the privileges it has, by the pattern of the database's name.

    ``credentials`` are those whose plugin the server has loaded; nobody logs in with the others.
    """

    credentials: tuple[Credential, ...] = ()
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expired: bool = False

    @property
    def passwords(self) -> list[Credential]:
        """The credentials that are passwords, the current one first."""
        return [credential for credential in self.credentials if credential.is_password]


@dataclass(frozen=True)
class State:
    """What was read: databases by name, accounts by host; what does not exist is left out.

    ``proven_host`` is the host of the account to which a login with the desired password led, None where that
    login was refused or not tried. ``logins``: where the user is logged in from now, each by all the names and
    addresses that an account may know it by; read only where accounts are to be dropped.
    """

    mariadb: bool = True
    databases: Mapping[str, Database] = field(default_factory=dict)
    accounts: Mapping[str, DatabaseAccount] = field(default_factory=dict)
    proven_host: str | None = None
    logins: frozenset[tuple[str, ...]] = frozenset()


def canonical(name: str) -> str:
    """The present name of a character set or collation: utf8 is the old one of utf8mb3."""
    return f"utf8mb3{name[4:]}" if name == "utf8" or name.startswith("utf8_") else name
