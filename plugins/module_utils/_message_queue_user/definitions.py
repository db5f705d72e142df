# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Definitions, as the broker exports and imports them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .passwords import DEFAULT_ALGORITHM
from .state import BrokerUser, Permissions, State


def state(definitions: Mapping[str, Any], user: str, vhost: str) -> State:
    """The part of exported definitions that concerns one user and one vhost."""
    users = {entry["name"]: entry for entry in definitions["users"]}
    permissions = {(entry["user"], entry["vhost"]): entry for entry in definitions["permissions"]}
    granted = permissions.get((user, vhost))
    return State(
        vhosts=frozenset(entry["name"] for entry in definitions["vhosts"]),
        user=_user(users[user]) if user in users else None,
        permissions=Permissions(granted["configure"], granted["write"], granted["read"]) if granted else None,
        names=frozenset(users),
    )


def user_definition(user: str, password_hash: str, tags: tuple[str, ...]) -> dict[str, Any]:
    """What import_definitions takes for a user; every release understands tags with commas between them."""
    definition = {
        "name": user,
        "password_hash": password_hash,
        "hashing_algorithm": DEFAULT_ALGORITHM,
        "tags": ",".join(tags),
    }
    return {"users": [definition]}


def _user(entry: Mapping[str, Any]) -> BrokerUser:
    tags = entry["tags"]
    return BrokerUser(
        tags=tuple(tags.split(",") if tags else ()) if isinstance(tags, str) else tuple(tags),
        password_hash=entry["password_hash"],
        hashing_algorithm=entry.get("hashing_algorithm", DEFAULT_ALGORITHM),
    )
