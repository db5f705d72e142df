# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and accounts: what leads from their current to their desired state. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from .._engine.errors import CollectionError, plural
from .._engine.plan import Plan, Step, in_order
from .._engine.redaction import MASK
from . import host_pattern, statements
from .client import DatabaseClient
from .parameters import Desired
from .state import Credential, Database, DatabaseAccount, State, canonical

ALL_PRIVILEGES = frozenset({"ALL PRIVILEGES"})

# Of MariaDB, for an account that has no password yet and keeps its other credentials.
_DEFAULT_PLUGIN = "mysql_native_password"
# MySQL leaves an account its plugin unless asked otherwise, also one that has no passwords.
_DEFAULT_MYSQL_PLUGIN = "caching_sha2_password"
# The password of an account in a diff, while a rotation is on its way.
_WITH_OLDER = "as given, and older ones"


def plan(desired: Desired, current: State) -> Plan[DatabaseClient]:
    """The statements that lead from the current to the desired state, and both states for the diff."""
    if not desired.present:
        return _plan_absent(desired, current)
    user = desired.user
    return Plan(
        stages=in_order(
            (*_database_steps(desired, current), *(_user_steps(desired, user, current) if user else ()))
        ),
        before=_before(desired, current),
        after=_after(desired, current),
        result={
            "databases": [_described(desired, current, name) for name in desired.databases],
            "user": {"name": user, "hosts": _hosts_after(desired, current)} if user else None,
            "grants": [
                statements.grant(user, host, name) for host in desired.hosts for name in desired.databases
            ]
            if user
            else [],
        },
        warnings=tuple(_warnings(desired, current)),
        unmet=tuple(_locked_out(desired, current)),
    )


def superfluous_hosts(desired: Desired, current: State) -> list[str]:
    """The hosts whose accounts are dropped because the task does not name them."""
    if not desired.present or not desired.exclusive_hosts:
        return []
    return sorted(set(current.accounts) - set(desired.hosts))


def password_holds(desired: Desired, current: State, host: str) -> bool | None:
    """Whether the account has the desired password; None where nothing at hand can tell.

    The login that was tried speaks for the account to which it led, what the server keeps for the others.
    """
    account = current.accounts[host]
    if host == current.proven_host:
        return True
    if account.expired:
        return False
    answers = {_matches(credential, desired) for credential in account.credentials}
    if True in answers:
        return True
    return False if answers <= {False} else None


def _plan_absent(desired: Desired, current: State) -> Plan[DatabaseClient]:
    user, before = desired.user, _before(desired, current)
    dropped = [name for name in desired.databases if name in current.databases and desired.drop_databases]
    kept = {} if desired.drop_databases else before.get("databases", {})
    return Plan(
        stages=in_order(
            (
                *(_drop_account(user, host) for host in sorted(current.accounts) if user),
                *map(_drop_database, dropped),
            )
        ),
        before=before,
        after={"databases": kept} if kept else {},
        result={
            "databases": [{"name": name, **values} for name, values in kept.items()],
            "user": None,
            "grants": [],
        },
    )


def _database_steps(desired: Desired, current: State) -> Iterator[Step[DatabaseClient]]:
    for name in desired.databases:
        if name not in current.databases:
            yield _create_database(name, desired.encoding, desired.collation)
        elif desired.repair_encoding and _encoding_differs(desired, current.databases[name]):
            yield _alter_database(name, desired.encoding, desired.collation)


def _user_steps(desired: Desired, user: str, current: State) -> Iterator[Step[DatabaseClient]]:
    for host in desired.hosts:
        yield from _account_steps(desired, user, current, host)
    for host in desired.hosts:
        account = current.accounts.get(host, DatabaseAccount())
        for name in desired.databases:
            if not _granted(account, name):
                yield _grant(user, host, name)
    # Last, so that whoever came in by one of these has another to come in by.
    for host in superfluous_hosts(desired, current):
        yield _drop_account(user, host)


def _locked_out(desired: Desired, current: State) -> Iterator[CollectionError]:
    """An error for those who are logged in now, and could not log in again."""
    dropped = superfluous_hosts(desired, current)
    staying = sorted(
        names[0]
        for names in current.logins
        if not any(host_pattern.matches(host, name) for host in desired.hosts for name in names)
    )
    if dropped and staying:
        yield CollectionError(
            "drop",
            plural("database user", dropped),
            ", ".join(f"{desired.user}@{host}" for host in dropped),
            f"no account in hosts ({', '.join(desired.hosts)}) lets in {', '.join(staying)}, where {desired.user} is "
            "logged in from now",
            "Add it to hosts, or stop what runs there",
            code="in_use",
        )


def _account_steps(desired: Desired, user: str, current: State, host: str) -> Iterator[Step[DatabaseClient]]:
    account, password = current.accounts.get(host), desired.password
    if account is None:
        if password is None:
            raise CollectionError(
                "create",
                "database user",
                f"{user}@{host}",
                "no password was given for it",
                "Set password; it may be left out only where all accounts exist",
                code="password_missing",
            )
        yield _create_account(user, host, password)
    elif password is not None and _password_changes(desired, current, host):
        password_steps = _mariadb_password_steps if current.mariadb else _mysql_password_steps
        yield from password_steps(desired, user, host, password, account)


def _mariadb_password_steps(
    desired: Desired, user: str, host: str, password: str, account: DatabaseAccount
) -> Iterator[Step[DatabaseClient]]:
    """One statement names all credentials: the password, and what stays beside it."""
    retained = [
        credential
        for credential in account.passwords
        if credential.stored and desired.retain_current_password and not credential.matches(password)
    ]
    no_passwords = [credential for credential in account.credentials if not credential.is_password]
    # The current password comes first, one older one next: PyMySQL gives up at the third credential.
    others = (
        *retained[:1],
        *(no_passwords if account.passwords or desired.retain_current_password else ()),
    )
    plugin = account.passwords[0].plugin if account.passwords else _DEFAULT_PLUGIN if others else ""
    yield _set_mariadb_password(user, host, password, plugin, others)


def _mysql_password_steps(
    desired: Desired, user: str, host: str, password: str, account: DatabaseAccount
) -> Iterator[Step[DatabaseClient]]:
    """The first credential is the current password, a second one the password that was retained."""
    current = account.credentials[0] if account.credentials else Credential()
    holds = current.matches(password)
    if account.expired or len(account.credentials) < 2 or not holds:
        plugin = current.plugin if current.is_password else _DEFAULT_MYSQL_PLUGIN
        replaces = current.is_password and bool(current.stored) and not holds
        retain = desired.retain_current_password and replaces
        yield _set_mysql_password(user, host, password, plugin, retain)
    if len(account.credentials) > 1 and not desired.retain_current_password:
        yield _discard_old_password(user, host)


def _create_database(name: str, encoding: str, collation: str | None) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.create_database(name, encoding, collation),
        lambda client: client.create_database(name, encoding, collation),
    )


def _alter_database(name: str, encoding: str, collation: str | None) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.alter_database(name, encoding, collation),
        lambda client: client.alter_database(name, encoding, collation),
    )


def _drop_database(name: str) -> Step[DatabaseClient]:
    return Step[DatabaseClient](statements.drop_database(name), lambda client: client.drop_database(name))


def _create_account(user: str, host: str, password: str) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.create_account(user, host, MASK),
        lambda client: client.create_account(user, host, password),
    )


def _set_mariadb_password(
    user: str, host: str, password: str, plugin: str, others: Sequence[Credential]
) -> Step[DatabaseClient]:
    masked = [replace(credential, stored=MASK if credential.stored else "") for credential in others]
    return Step[DatabaseClient](
        statements.set_mariadb_password(user, host, MASK, plugin, masked),
        lambda client: client.set_mariadb_password(user, host, password, plugin, others),
    )


def _set_mysql_password(
    user: str, host: str, password: str, plugin: str, retain: bool
) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.set_mysql_password(user, host, MASK, plugin, retain),
        lambda client: client.set_mysql_password(user, host, password, plugin, retain),
    )


def _discard_old_password(user: str, host: str) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.discard_old_password(user, host),
        lambda client: client.discard_old_password(user, host),
    )


def _grant(user: str, host: str, database: str) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.grant(user, host, database), lambda client: client.grant(user, host, database)
    )


def _drop_account(user: str, host: str) -> Step[DatabaseClient]:
    return Step[DatabaseClient](
        statements.drop_account(user, host), lambda client: client.drop_account(user, host)
    )


def _warnings(desired: Desired, current: State) -> Iterator[str]:
    for name in desired.databases:
        database = current.databases.get(name)
        if database and not desired.repair_encoding and _encoding_differs(desired, database):
            asked = " ".join(filter(None, (desired.encoding, desired.collation)))
            yield (
                f"Database {name} has character set {database.encoding} ({database.collation}), not {asked}. "
                "It stays so; set repair_encoding to change the default for its future tables."
            )
    for host in desired.hosts:
        if desired.checked_password is None or host not in current.accounts:
            continue
        if _undecidable(desired, current, host):
            yield (
                f"Whether {desired.user}@{host} has the password cannot be checked from here "
                f"(plugin {_plugins(current.accounts[host])}, no login from that host). It stays as it is."
            )


def _password_changes(desired: Desired, current: State, host: str) -> bool:
    """Whether the password of an account that is there is set, or an older one of it dropped."""
    if desired.checked_password is None or _undecidable(desired, current, host):
        return False
    if not password_holds(desired, current, host):
        return True
    return len(current.accounts[host].passwords) > 1 and not desired.retain_current_password


def _undecidable(desired: Desired, current: State, host: str) -> bool:
    """Nothing can tell, although the password is the right one for another account of the user."""
    return current.proven_host is not None and password_holds(desired, current, host) is None


def _matches(credential: Credential, desired: Desired) -> bool | None:
    return credential.matches(desired.password or "")


def _plugins(account: DatabaseAccount) -> str:
    return " or ".join(dict.fromkeys(credential.plugin for credential in account.credentials))


def _granted(account: DatabaseAccount, database: str) -> bool:
    """The escaped pattern decides; without it, so does the plain name, which installation guides grant on."""
    plain = account.grants.get(database, frozenset())
    return account.grants.get(statements.pattern(database), plain) >= ALL_PRIVILEGES


def _encoding_differs(desired: Desired, database: Database) -> bool:
    if database.encoding != desired.encoding:
        return True
    if desired.collation is None:
        return False
    collation = canonical(desired.collation)
    # MariaDB lists uca1400_ai_ci, and calls that of a database utf8mb4_uca1400_ai_ci.
    return database.collation not in (collation, f"{desired.encoding}_{collation}")


def _described(desired: Desired, current: State, name: str) -> dict[str, Any]:
    """A database as it will be."""
    database = current.databases.get(name)
    if database and not (desired.repair_encoding and _encoding_differs(desired, database)):
        return {"name": name, "encoding": database.encoding, "collation": database.collation}
    return {"name": name, "encoding": desired.encoding, "collation": desired.collation}


def _hosts_after(desired: Desired, current: State) -> list[str]:
    kept = set() if desired.exclusive_hosts else set(current.accounts)
    return sorted(kept | set(desired.hosts))


def _before(desired: Desired, current: State) -> dict[str, Any]:
    databases = {
        name: {"encoding": database.encoding, "collation": database.collation}
        for name, database in current.databases.items()
    }
    accounts = {
        f"{desired.user}@{host}": {
            "password": _password_before(desired, current, host),
            "grants": _listed(account.grants),
        }
        for host, account in current.accounts.items()
    }
    return _without_empty(databases=databases, accounts=accounts)


def _after(desired: Desired, current: State) -> dict[str, Any]:
    described = [_described(desired, current, name) for name in desired.databases]
    databases = {entry.pop("name"): entry for entry in described}
    accounts = {}
    for host in _hosts_after(desired, current) if desired.user else ():
        account = current.accounts.get(host, DatabaseAccount())
        written = host not in current.accounts or _password_will_change(desired, current, host)
        granted = desired.databases if host in desired.hosts else ()
        added = {statements.pattern(name): ALL_PRIVILEGES for name in granted if not _granted(account, name)}
        accounts[f"{desired.user}@{host}"] = {
            "password": _password_after(desired, current, host) if written else "kept",
            "grants": _listed({**account.grants, **added}),
        }
    return _without_empty(databases=databases, accounts=accounts)


def _password_before(desired: Desired, current: State, host: str) -> str:
    if not _password_will_change(desired, current, host):
        return "kept"
    if current.accounts[host].expired:
        return "expired"
    return _WITH_OLDER if password_holds(desired, current, host) else "another"


def _password_after(desired: Desired, current: State, host: str) -> str:
    return _WITH_OLDER if desired.retain_current_password and host in current.accounts else "as given"


def _password_will_change(desired: Desired, current: State, host: str) -> bool:
    return host in desired.hosts and _password_changes(desired, current, host)


def _listed(grants: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted(f"{', '.join(sorted(privileges))} ON {database}" for database, privileges in grants.items())


def _without_empty(**state: Any) -> dict[str, Any]:
    return {key: value for key, value in state.items() if value}
