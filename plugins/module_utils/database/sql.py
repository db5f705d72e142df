# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements that ``nova_db`` sends, as text; every identifier and literal in them is quoted here.

Literals rely on backslash escapes, which ``connection.connect`` makes sure of.
"""

from __future__ import annotations

from collections.abc import Sequence

from .credentials import Credential


def identifier(name: str) -> str:
    """A name between backticks."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """A string between single quotes."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''").replace("\0", "\\0") + "'"


def account(user: str, host: str) -> str:
    """An account's name: a user and the hosts it comes from."""
    return f"{literal(user)}@{literal(host)}"


def pattern(database: str) -> str:
    """The pattern for GRANT that means this database only: there, ``_`` and ``%`` are wildcards."""
    for character in "\\_%":
        database = database.replace(character, f"\\{character}")
    return database


def create_database(name: str, encoding: str, collation: str | None) -> str:
    """A new database; without a collation the server's default for the encoding."""
    return f"CREATE DATABASE IF NOT EXISTS {identifier(name)} {_character_set(encoding, collation)}"


def alter_database(name: str, encoding: str, collation: str | None) -> str:
    """Another default for the tables to come; those that exist keep theirs."""
    return f"ALTER DATABASE {identifier(name)} {_character_set(encoding, collation)}"


def drop_database(name: str) -> str:
    """A database and all that is in it, gone."""
    return f"DROP DATABASE IF EXISTS {identifier(name)}"


def create_account(user: str, host: str, password: str) -> str:
    """A new account with the server's default authentication plugin."""
    return f"CREATE USER IF NOT EXISTS {account(user, host)} IDENTIFIED BY {literal(password)}"


def set_password(user: str, host: str, password: str, plugin: str, besides: Sequence[Credential] = ()) -> str:
    """Another password in MariaDB; ``besides`` are the other ways in that stay. No plugin: the server's own."""
    statement = f"ALTER USER {account(user, host)} IDENTIFIED"
    if not plugin:
        return f"{statement} BY {literal(password)}"
    others = "".join(f" OR {_way(credential)}" for credential in besides)
    return f"{statement} VIA {plugin} USING PASSWORD({literal(password)}){others}"


def set_mysql_password(user: str, host: str, password: str, plugin: str, retain: bool = False) -> str:
    """Another password in MySQL; the one it takes the place of stays valid besides if it is retained."""
    retaining = " RETAIN CURRENT PASSWORD" if retain else ""
    return f"ALTER USER {account(user, host)} IDENTIFIED WITH {plugin} BY {literal(password)}{retaining}"


def discard_old_password(user: str, host: str) -> str:
    """The password that MySQL was told to retain, no longer valid."""
    return f"ALTER USER {account(user, host)} DISCARD OLD PASSWORD"


def grant(user: str, host: str, database: str) -> str:
    """All privileges on one database."""
    return f"GRANT ALL PRIVILEGES ON {identifier(pattern(database))}.* TO {account(user, host)}"


def drop_account(user: str, host: str) -> str:
    """An account and its grants, gone."""
    return f"DROP USER IF EXISTS {account(user, host)}"


def _way(credential: Credential) -> str:
    return (
        f"{credential.plugin} USING {literal(credential.stored)}" if credential.stored else credential.plugin
    )


def _character_set(encoding: str, collation: str | None) -> str:
    words = f"CHARACTER SET {literal(encoding)}"
    return f"{words} COLLATE {literal(collation)}" if collation else words


STATEMENTS = {
    function.__name__: function
    for function in (
        create_database,
        alter_database,
        drop_database,
        create_account,
        set_password,
        set_mysql_password,
        discard_old_password,
        grant,
        drop_account,
    )
}
"""What can be written, by the name that a plan's step gives it."""
