# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that ``nova_db`` sends, as text; every identifier and literal in them is quoted here.

Literals rely on backslash escapes, which ``clients.sql.connect`` makes sure of.
"""

from __future__ import annotations

from collections.abc import Sequence

from .._clients.sql import identifier, literal
from .state import Credential


def account(user: str, host: str) -> str:
    """An account's name: a user, and the host (or pattern of hosts) that it logs in from."""
    return f"{literal(user)}@{literal(host)}"


def pattern(database: str) -> str:
    """The pattern for GRANT that means this database only: there, ``_`` and ``%`` are wildcards."""
    for character in "\\_%":
        database = database.replace(character, f"\\{character}")
    return database


def create_database(name: str, encoding: str, collation: str | None) -> str:
    """Create a database; without a collation it gets the server's default for the encoding."""
    return f"CREATE DATABASE IF NOT EXISTS {identifier(name)} {_character_set(encoding, collation)}"


def alter_database(name: str, encoding: str, collation: str | None) -> str:
    """Change the default for new tables; those that exist keep theirs."""
    return f"ALTER DATABASE {identifier(name)} {_character_set(encoding, collation)}"


def drop_database(name: str) -> str:
    """Drop a database with all that is in it."""
    return f"DROP DATABASE IF EXISTS {identifier(name)}"


def create_account(user: str, host: str, password: str) -> str:
    """Create an account with the server's default authentication plugin."""
    return f"CREATE USER IF NOT EXISTS {account(user, host)} IDENTIFIED BY {literal(password)}"


def set_mariadb_password(
    user: str, host: str, password: str, plugin: str, others: Sequence[Credential] = ()
) -> str:
    """Set a password in MariaDB; ``others`` are the credentials that stay. No plugin: the server's own."""
    statement = f"ALTER USER {account(user, host)} IDENTIFIED"
    if not plugin:
        return f"{statement} BY {literal(password)}"
    alternatives = "".join(f" OR {_verbatim(credential)}" for credential in others)
    return f"{statement} VIA {plugin} USING PASSWORD({literal(password)}){alternatives}"


def set_mysql_password(user: str, host: str, password: str, plugin: str, retain: bool = False) -> str:
    """Set a password in MySQL; the one that it replaces stays valid beside it if it is retained."""
    retaining = " RETAIN CURRENT PASSWORD" if retain else ""
    return f"ALTER USER {account(user, host)} IDENTIFIED WITH {plugin} BY {literal(password)}{retaining}"


def discard_old_password(user: str, host: str) -> str:
    """Drop the password that MySQL retained."""
    return f"ALTER USER {account(user, host)} DISCARD OLD PASSWORD"


def grant(user: str, host: str, database: str) -> str:
    """Grant all privileges on one database."""
    return f"GRANT ALL PRIVILEGES ON {identifier(pattern(database))}.* TO {account(user, host)}"


def drop_account(user: str, host: str) -> str:
    """Drop an account with its grants."""
    return f"DROP USER IF EXISTS {account(user, host)}"


def _verbatim(credential: Credential) -> str:
    return (
        f"{credential.plugin} USING {literal(credential.stored)}" if credential.stored else credential.plugin
    )


def _character_set(encoding: str, collation: str | None) -> str:
    words = f"CHARACTER SET {literal(encoding)}"
    return f"{words} COLLATE {literal(collation)}" if collation else words
