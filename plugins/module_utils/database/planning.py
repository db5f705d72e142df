# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Databases and accounts: what is wanted, what is there, and what leads from one to the other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.redact import MASK
from . import passwords, sql
from .credentials import Credential

# Of MariaDB, for an account that has no password yet and keeps its other ways in.
_DEFAULT_PLUGIN = "mysql_native_password"
# MySQL leaves an account its plugin unless told otherwise, also one that has no passwords.
_DEFAULT_MYSQL_PLUGIN = "caching_sha2_password"
ALL_PRIVILEGES = frozenset({"ALL PRIVILEGES"})


# The password of an account in a diff, while a rotation is on its way.
_WITH_OLDER = "as given, and older ones"


@dataclass(frozen=True)
class Desired:
    """What the task asks for; ``user`` is None where only databases are managed."""

    databases: tuple[str, ...] = ()
    encoding: str = "utf8mb3"
    collation: str | None = None
    repair_encoding: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ("localhost", "%")
    exclusive_hosts: bool = False
    update_password: bool = True
    retain_current_password: bool = False
    present: bool = True
    drop_databases: bool = False


@dataclass(frozen=True)
class Database:
    """A database's defaults for new tables."""

    encoding: str
    collation: str


@dataclass(frozen=True)
class Account:
    """How a user comes in from one host, and the privileges it has, by the pattern of the database's name.

    ``credentials`` are those whose plugin the server has loaded; nobody comes in by the others.
    """

    credentials: tuple[Credential, ...] = ()
    grants: Mapping[str, frozenset[str]] = field(default_factory=dict)
    expired: bool = False


@dataclass(frozen=True)
class State:
    """What the server has of the databases and the user in question.

    ``accounts`` are by host; ``proven`` is the host of the account that a login with the desired password
    came in by, None where that login was refused or not tried.
    """

    mariadb: bool = True
    databases: Mapping[str, Database] = field(default_factory=dict)
    accounts: Mapping[str, Account] = field(default_factory=dict)
    proven: str | None = None


def plan(desired: Desired, current: State) -> Plan:
    """The statements that lead from the current to the desired state, and both states for the diff."""
    if not desired.present:
        return _plan_absent(desired, current)
    steps = (
        *_database_steps(desired, current),
        *_account_steps(desired, current),
        *_grant_steps(desired, current),
        *_exclusion_steps(desired, current),
    )
    return Plan(
        steps=steps,
        before=_before(desired, current),
        after=_after(desired, current),
        result={
            "databases": [_described(desired, current, name) for name in desired.databases],
            "user": {"name": desired.user, "hosts": _hosts_after(desired, current)} if desired.user else None,
            "grants": list(_grants_after(desired)),
        },
        warnings=tuple(_warnings(desired, current)),
    )


def password_holds(desired: Desired, current: State, host: str) -> bool | None:
    """Whether the account has the desired password; None where nothing at hand can tell.

    The login that was tried speaks for the account it came in by, what the server keeps for the others.
    """
    account = current.accounts[host]
    if host == current.proven:
        return True
    if account.expired:
        return False
    known = {_matches(credential, desired) for credential in account.credentials}
    if True in known:
        return True
    return False if known <= {False} else None


def canonical(name: str) -> str:
    """The present name of a character set or collation: utf8 is the old one of utf8mb3."""
    return f"utf8mb3{name[4:]}" if name == "utf8" or name.startswith("utf8_") else name


def _plan_absent(desired: Desired, current: State) -> Plan:
    doomed = [name for name in desired.databases if name in current.databases and desired.drop_databases]
    steps = [_step("drop_account", user=desired.user, host=host) for host in sorted(current.accounts)]
    steps += [_step("drop_database", name=name) for name in doomed]
    before = _before(desired, current)
    left = {} if desired.drop_databases else before.get("databases", {})
    return Plan(
        steps=tuple(steps),
        before=before,
        after={"databases": left} if left else {},
        result={
            "databases": [{"name": name, **values} for name, values in left.items()],
            "user": None,
            "grants": [],
        },
    )


def _database_steps(desired: Desired, current: State) -> Iterator[Step]:
    wish = {"encoding": desired.encoding, "collation": desired.collation}
    for name in desired.databases:
        if name not in current.databases:
            yield _step("create_database", name=name, **wish)
        elif desired.repair_encoding and _encoding_differs(desired, current.databases[name]):
            yield _step("alter_database", name=name, **wish)


def _account_steps(desired: Desired, current: State) -> Iterator[Step]:
    for host in _wanted_hosts(desired):
        account = current.accounts.get(host)
        if account is None:
            if desired.password is None:
                raise CollectionError(
                    "create",
                    "database user",
                    f"{desired.user}@{host}",
                    "no password was given for it",
                    "Set password; it may be left out only where all accounts exist",
                    code="password_missing",
                )
            yield _step("create_account", user=desired.user, host=host, password=desired.password)
        elif _password_changes(desired, current, host):
            yield from (_mariadb_steps if current.mariadb else _mysql_steps)(desired, account, host)


def _mariadb_steps(desired: Desired, account: Account, host: str) -> Iterator[Step]:
    """One statement names all ways in: the password, and what stays besides."""
    known = [credential for credential in account.credentials if credential.is_password]
    retained = [
        credential
        for credential in known
        if credential.stored and desired.retain_current_password and not _matches(credential, desired)
    ]
    others = [credential for credential in account.credentials if not credential.is_password]
    # The current password comes first, one older one next: PyMySQL gives up at the third way in.
    besides = (*retained[:1], *(others if known or desired.retain_current_password else ()))
    yield _step(
        "set_password",
        user=desired.user,
        host=host,
        password=desired.password,
        plugin=known[0].plugin if known else _DEFAULT_PLUGIN if besides else "",
        besides=besides,
    )


def _mysql_steps(desired: Desired, account: Account, host: str) -> Iterator[Step]:
    """The first credential is the current password, a second one the password that was retained."""
    current = account.credentials[0] if account.credentials else Credential()
    if account.expired or len(account.credentials) < 2 or not _matches(current, desired):
        yield _step(
            "set_mysql_password",
            user=desired.user,
            host=host,
            password=desired.password,
            plugin=current.plugin if current.is_password else _DEFAULT_MYSQL_PLUGIN,
            retain=desired.retain_current_password
            and current.is_password
            and bool(current.stored)
            and not _matches(current, desired),
        )
    if len(account.credentials) > 1 and not desired.retain_current_password:
        yield _step("discard_old_password", user=desired.user, host=host)


def _grant_steps(desired: Desired, current: State) -> Iterator[Step]:
    for host in _wanted_hosts(desired):
        account = current.accounts.get(host, Account())
        for name in desired.databases:
            if not _granted(account, name):
                yield _step("grant", user=desired.user, host=host, database=name)


def _exclusion_steps(desired: Desired, current: State) -> Iterator[Step]:
    if desired.user and desired.exclusive_hosts:
        for host in sorted(set(current.accounts) - set(desired.hosts)):
            yield _step("drop_account", user=desired.user, host=host)


def _warnings(desired: Desired, current: State) -> Iterator[str]:
    for name in desired.databases:
        there = current.databases.get(name)
        if there and not desired.repair_encoding and _encoding_differs(desired, there):
            wish = " ".join(filter(None, (desired.encoding, desired.collation)))
            yield (
                f"Database {name} has character set {there.encoding} ({there.collation}), not {wish}. "
                "It stays so; set repair_encoding to change the default for its future tables."
            )
    for host in _wanted_hosts(desired):
        if _probing(desired) and host in current.accounts and _unsure(desired, current, host):
            yield (
                f"Whether {desired.user}@{host} has the password cannot be told from here "
                f"(plugin {_plugins(current.accounts[host])}, no login from that host). It stays as it is."
            )


def _wanted_hosts(desired: Desired) -> tuple[str, ...]:
    return desired.hosts if desired.user else ()


def _probing(desired: Desired) -> bool:
    return desired.update_password and desired.password is not None


def _password_changes(desired: Desired, current: State, host: str) -> bool:
    if not _probing(desired) or _unsure(desired, current, host):
        return False
    if not password_holds(desired, current, host):
        return True
    known = [credential for credential in current.accounts[host].credentials if credential.is_password]
    return len(known) > 1 and not desired.retain_current_password


def _unsure(desired: Desired, current: State, host: str) -> bool:
    """Nothing can tell, although the password is the right one for another account of the user."""
    return current.proven is not None and password_holds(desired, current, host) is None


def _matches(credential: Credential, desired: Desired) -> bool | None:
    return passwords.matches(credential.plugin, credential.stored, desired.password or "")


def _plugins(account: Account) -> str:
    return " or ".join(dict.fromkeys(credential.plugin for credential in account.credentials))


def _granted(account: Account, database: str) -> bool:
    """The escaped pattern decides; without it, so does the plain name, which installation guides grant on."""
    privileges = account.grants.get(sql.pattern(database), account.grants.get(database, frozenset()))
    return privileges >= ALL_PRIVILEGES


def _encoding_differs(desired: Desired, there: Database) -> bool:
    if there.encoding != desired.encoding:
        return True
    if desired.collation is None:
        return False
    wish = canonical(desired.collation)
    # MariaDB lists uca1400_ai_ci, and calls that of a database utf8mb4_uca1400_ai_ci.
    return there.collation not in (wish, f"{desired.encoding}_{wish}")


def _step(action: str, **arguments: Any) -> Step:
    shown = dict(arguments)
    if "password" in shown:
        shown["password"] = MASK
    if "besides" in shown:
        shown["besides"] = tuple(replace(way, stored=MASK if way.stored else "") for way in shown["besides"])
    return Step(sql.STATEMENTS[action](**shown), action, arguments)


def _described(desired: Desired, current: State, name: str) -> dict[str, Any]:
    there = current.databases.get(name)
    if there and not (desired.repair_encoding and _encoding_differs(desired, there)):
        return {"name": name, "encoding": there.encoding, "collation": there.collation}
    return {"name": name, "encoding": desired.encoding, "collation": desired.collation}


def _hosts_after(desired: Desired, current: State) -> list[str]:
    kept = set() if desired.exclusive_hosts else set(current.accounts)
    return sorted(kept | set(desired.hosts))


def _grants_after(desired: Desired) -> Iterator[str]:
    for host in _wanted_hosts(desired):
        for name in desired.databases:
            yield sql.grant(str(desired.user), host, name)


def _before(desired: Desired, current: State) -> dict[str, Any]:
    databases = {
        name: {"encoding": there.encoding, "collation": there.collation}
        for name, there in current.databases.items()
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
        account = current.accounts.get(host, Account())
        written = host not in current.accounts or _password_will_change(desired, current, host)
        added = desired.databases if host in desired.hosts else ()
        rights = {sql.pattern(name): ALL_PRIVILEGES for name in added if not _granted(account, name)}
        accounts[f"{desired.user}@{host}"] = {
            "password": _password_after(desired, current, host) if written else "kept",
            "grants": _listed({**account.grants, **rights}),
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
    return desired.present and host in desired.hosts and _password_changes(desired, current, host)


def _listed(grants: Mapping[str, frozenset[str]]) -> list[str]:
    return sorted(f"{', '.join(sorted(privileges))} ON {on}" for on, privileges in grants.items())


def _without_empty(**state: Any) -> dict[str, Any]:
    return {key: value for key, value in state.items() if value}
