# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``nova_db``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._clients.sql import literal
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._shared.database_login import administrator
from .client import DatabaseClient, MysqlClient
from .parameters import Desired, desired
from .plan import password_holds, plan, superfluous_hosts
from .state import State


@dataclass
class NovaDb(Operation[Desired, State, DatabaseClient]):
    """Databases, one user, its accounts and their grants."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """Databases, accounts and grants; with a password to check, one login as the user, too.

        Where accounts are to be dropped, also who is logged in.
        """
        desired = self.desired
        current = self.client.read(desired.databases, desired.user)
        password = desired.checked_password
        if desired.user and superfluous_hosts(desired, current):
            current = replace(current, logins=self.client.logins(desired.user))
        if desired.user is None or password is None or not set(current.accounts) & set(desired.hosts):
            return current
        return replace(current, proven_host=self.client.log_in(desired.user, password))

    def nothing(self) -> State:
        """An empty server."""
        return State()

    def apply(self, current: State, plan: Plan[DatabaseClient]) -> Mapping[str, Any]:
        """Write, then read again: the result is what the server says, and every password is proven again."""
        super().apply(current, plan)
        current = self.read()
        self._require_passwords(current)
        return self.plan(current).result

    def _require_passwords(self, current: State) -> None:
        desired = self.desired
        if desired.checked_password is None:
            return
        for host in desired.hosts:
            if host not in current.accounts or password_holds(desired, current, host) is False:
                raise CollectionError(
                    "set the password of",
                    "database user",
                    f"{desired.user}@{host}",
                    "the server took it and yet does not accept it",
                    "See whether another task or a replica changes the same account",
                    code="not_effective",
                )


def build(task: Task) -> NovaDb:
    """The operation that the task's parameters describe."""
    for secret in filter(None, (task.params["password"], task.params["login_password"])):
        task.redactor.learn(secret, literal(secret)[1:-1])
    return NovaDb(desired(task.params), MysqlClient(administrator(task.params)))
