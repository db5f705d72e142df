# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A user of the message queue: what is wanted, what is there, and what leads from one to the other. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.redact import MASK
from . import passwords


@dataclass(frozen=True)
class Permissions:
    """Regular expressions of the names that a user may configure, write to and read from in one vhost."""

    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"


@dataclass(frozen=True)
class Desired:
    """What the task asks for; ``tags`` None leaves them alone."""

    user: str
    password: str | None = field(default=None, repr=False)
    vhost: str = "/"
    permissions: Permissions = field(default_factory=Permissions)
    tags: tuple[str, ...] | None = None
    update_password: bool = True
    present: bool = True


@dataclass(frozen=True)
class User:
    """A user as the broker keeps it."""

    tags: tuple[str, ...] = ()
    stored: str = field(default="", repr=False)
    algorithm: str = passwords.DEFAULT_ALGORITHM


@dataclass(frozen=True)
class State:
    """What the broker has; ``login`` says whether it let the user in: None where that was not tried."""

    vhosts: frozenset[str] = frozenset()
    user: User | None = None
    permissions: Permissions | None = None
    login: bool | None = None


def plan(desired: Desired, current: State) -> Plan:
    """The calls of rabbitmqctl that lead from the current to the desired state."""
    if not desired.present:
        return Plan(
            steps=(delete_user(desired.user),) if current.user else (),
            before=_described(desired, current),
            result={"user": None, "vhost": desired.vhost, "permissions": None, "tags": []},
        )
    tags = _tags_after(desired, current)
    return Plan(
        steps=tuple(_steps(desired, current, tags)),
        before=_described(desired, current),
        after={
            "user": desired.user,
            "password": "as given" if _password_changes(desired, current) else "kept",
            "tags": list(tags),
            "vhost": desired.vhost,
            "permissions": vars(desired.permissions),
        },
        result={
            "user": desired.user,
            "vhost": desired.vhost,
            "permissions": vars(desired.permissions),
            "tags": list(tags),
        },
        warnings=tuple(_warnings(desired, current)),
    )


def password_holds(desired: Desired, user: User, login: bool | None) -> bool | None:
    """Whether the user has the desired password: a login proves it, else the stored hash tells."""
    return login or passwords.matches(user.algorithm, user.stored, desired.password or "")


def add_vhost(vhost: str) -> Step:
    """A new virtual host."""
    return _step("add_vhost", vhost)


def put_user(user: str, password: str, tags: tuple[str, ...]) -> Step:
    """A new user, or another password for one.

    It goes in as a definition: add_user and change_password strip outer blanks from what they read.
    """
    shown = shlex.quote(json.dumps(user_definition(user, MASK, tags)))
    return Step(
        f"echo {shown} > user.json && rabbitmqctl import_definitions user.json",
        "put_user",
        {"user": user, "password": password, "tags": tags},
    )


def set_user_tags(user: str, tags: tuple[str, ...]) -> Step:
    """Other tags."""
    return _step("set_user_tags", user, *tags)


def set_permissions(user: str, vhost: str, permissions: Permissions) -> Step:
    """Other permissions in one vhost."""
    expressions = (permissions.configure, permissions.write, permissions.read)
    return _step("set_permissions", "--vhost", vhost, user, *expressions)


def delete_user(user: str) -> Step:
    """The user and its permissions, gone."""
    return _step("delete_user", user)


def user_definition(user: str, password_hash: str, tags: tuple[str, ...]) -> dict[str, Any]:
    """What import_definitions takes for a user; every release understands tags with commas between them."""
    definition = {
        "name": user,
        "password_hash": password_hash,
        "hashing_algorithm": passwords.DEFAULT_ALGORITHM,
        "tags": ",".join(tags),
    }
    return {"users": [definition]}


def _steps(desired: Desired, current: State, tags: tuple[str, ...]) -> Iterator[Step]:
    if desired.vhost not in current.vhosts:
        yield add_vhost(desired.vhost)
    if _password_changes(desired, current):
        if desired.password is None:
            raise CollectionError(
                "create",
                "message queue user",
                desired.user,
                "no password was given for it",
                "Set password; it may be left out only where the user exists",
                code="password_missing",
            )
        yield put_user(desired.user, desired.password, tags)
    elif current.user and set(tags) != set(current.user.tags):
        yield set_user_tags(desired.user, tags)
    if current.permissions != desired.permissions:
        yield set_permissions(desired.user, desired.vhost, desired.permissions)


def _warnings(desired: Desired, current: State) -> Iterator[str]:
    if current.user and current.login is False and not _password_changes(desired, current):
        yield (
            f"The broker refused a login as {desired.user}, although it keeps this password for the user. "
            "See its log; its authentication backends may not be its own."
        )


def _password_changes(desired: Desired, current: State) -> bool:
    if current.user is None:
        return True
    if desired.password is None or not desired.update_password:
        return False
    return not password_holds(desired, current.user, current.login)


def _tags_after(desired: Desired, current: State) -> tuple[str, ...]:
    if desired.tags is not None:
        return desired.tags
    return current.user.tags if current.user else ()


def _described(desired: Desired, current: State) -> dict[str, Any]:
    if current.user is None:
        return {}
    changes = desired.present and _password_changes(desired, current)
    return {
        "user": desired.user,
        "password": "another" if changes else "kept",
        "tags": list(current.user.tags),
        "vhost": desired.vhost if desired.vhost in current.vhosts else None,
        "permissions": vars(current.permissions) if current.permissions else None,
    }


def _step(*words: str) -> Step:
    argv = ("rabbitmqctl", *words)
    return Step(shlex.join(argv), "call", {"argv": argv})
