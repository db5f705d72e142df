# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A message broker in memory."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field, replace

from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.passwords import new_hash
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.state import (
    BrokerUser,
    Permissions,
    State,
)


@dataclass
class FakeBroker:
    """``logins`` is what every login gives: None for the truth, else an answer in a list.

    ``refused`` is the administrative command that fails.
    """

    users: dict[str, BrokerUser] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    vhosts: set[str] = field(default_factory=lambda: {"/"})
    permissions: dict[tuple[str, str], Permissions] = field(default_factory=dict)
    logins: list[bool | None] | None = None
    refused: str = ""
    written: list[str] = field(default_factory=list)

    def read(self, user: str, vhost: str) -> State:
        permissions = self.permissions.get((user, vhost))
        return State(frozenset(self.vhosts), self.users.get(user), permissions, names=frozenset(self.users))

    def log_in(self, user: str, password: str, vhost: str) -> bool | None:
        if self.logins is not None:
            return self.logins[0]
        return self.passwords.get(user) == password

    def put_user(self, user: str, password: str, tags: tuple[str, ...]) -> None:
        self.written.append(f"put_user {user}")
        self.users[user] = BrokerUser(tags, new_hash(password))
        self.passwords[user] = password

    def rabbitmqctl(self, *words: str) -> None:
        if words[0] == self.refused:
            raise CollectionError(words[0], "of the broker", "", "no", "See its log", code="command_failed")
        self.written.append(shlex.join(words))
        getattr(self, f"_{words[0]}")(*words[1:])

    def _add_vhost(self, vhost: str) -> None:
        self.vhosts.add(vhost)

    def _set_user_tags(self, user: str, *tags: str) -> None:
        self.users[user] = replace(self.users[user], tags=tags)

    def _set_permissions(self, _option: str, vhost: str, user: str, *expressions: str) -> None:
        self.permissions[user, vhost] = Permissions(*expressions)

    def _delete_user(self, user: str) -> None:
        del self.users[user]
        self.passwords.pop(user, None)
        self.permissions = {key: value for key, value in self.permissions.items() if key[0] != user}
