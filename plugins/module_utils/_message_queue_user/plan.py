# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What leads from the user that the broker has to the one that is desired. Pure."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from typing import Any

from .._clients.rabbitmqctl import command
from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .._engine.redaction import MASK
from . import passwords
from .client import RabbitmqClient
from .definitions import user_definition
from .parameters import Desired
from .state import BrokerUser, Permissions, State


def plan(desired: Desired, current: State) -> Plan[RabbitmqClient]:
    """The calls of rabbitmqctl that lead from the current to the desired state."""
    if not desired.present:
        return Plan(
            stages=in_order(
                map(
                    delete_user,
                    [*([desired.user] if current.user else []), *_users_to_drop(desired, current)],
                )
            ),
            before=_described(desired, current),
            after=_other_users(desired, current, dropped=True),
            result={"user": None, "vhost": desired.vhost, "permissions": None, "tags": []},
        )
    tags = _tags_after(desired, current)
    return Plan(
        stages=in_order(_steps(desired, current, tags)),
        before=_described(desired, current),
        after={
            "user": desired.user,
            "password": "as given" if _password_changes(desired, current) else "kept",
            "tags": list(tags),
            "vhost": desired.vhost,
            "permissions": vars(desired.permissions),
            **_other_users(desired, current, dropped=True),
        },
        result={
            "user": desired.user,
            "vhost": desired.vhost,
            "permissions": vars(desired.permissions),
            "tags": list(tags),
        },
        warnings=tuple(_warnings(desired, current)),
    )


def password_holds(desired: Desired, user: BrokerUser, login: bool | None) -> bool | None:
    """Whether the user has the desired password: a login proves it, else the hash (None: nothing does)."""
    return login or passwords.matches(user.hashing_algorithm, user.password_hash, desired.password or "")


def add_vhost(vhost: str) -> Step[RabbitmqClient]:
    """A new virtual host."""
    return _rabbitmqctl("add_vhost", vhost)


def put_user(user: str, password: str, tags: tuple[str, ...]) -> Step[RabbitmqClient]:
    """A new user, or another password for one.

    It goes in as a definition: add_user and change_password strip outer blanks from what they read.
    """
    definition = shlex.quote(json.dumps(user_definition(user, MASK, tags)))
    return Step[RabbitmqClient](
        f"echo {definition} > user.json && rabbitmqctl import_definitions user.json",
        lambda broker: broker.put_user(user, password, tags),
    )


def set_user_tags(user: str, tags: tuple[str, ...]) -> Step[RabbitmqClient]:
    """Other tags."""
    return _rabbitmqctl("set_user_tags", user, *tags)


def set_permissions(user: str, vhost: str, permissions: Permissions) -> Step[RabbitmqClient]:
    """Other permissions in one vhost."""
    expressions = (permissions.configure, permissions.write, permissions.read)
    return _rabbitmqctl("set_permissions", "--vhost", vhost, user, *expressions)


def delete_user(user: str) -> Step[RabbitmqClient]:
    """The user and its permissions, gone."""
    return _rabbitmqctl("delete_user", user)


def _rabbitmqctl(*words: str) -> Step[RabbitmqClient]:
    return Step[RabbitmqClient](command(*words), lambda broker: broker.rabbitmqctl(*words))


def _steps(desired: Desired, current: State, tags: tuple[str, ...]) -> Iterator[Step[RabbitmqClient]]:
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
    # Last: whoever comes in by one of these has the user to come in by.
    yield from map(delete_user, _users_to_drop(desired, current))


def _users_to_drop(desired: Desired, current: State) -> tuple[str, ...]:
    return tuple(name for name in desired.absent_users if name in current.names and name != desired.user)


def _other_users(desired: Desired, current: State, *, dropped: bool) -> dict[str, list[str]]:
    """The part of the diff about users to drop; nothing where there are none."""
    names = _users_to_drop(desired, current)
    return {"other_users": [] if dropped else list(names)} if names else {}


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
    others = _other_users(desired, current, dropped=False)
    if current.user is None:
        return dict(others)
    changes = desired.present and _password_changes(desired, current)
    return {
        "user": desired.user,
        "password": "another" if changes else "kept",
        "tags": list(current.user.tags),
        "vhost": desired.vhost if desired.vhost in current.vhosts else None,
        "permissions": vars(current.permissions) if current.permissions else None,
        **others,
    }
