# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``message_queue_user``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._clients.amqp import authorities
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .client import RabbitmqClient
from .parameters import Desired, desired
from .plan import password_holds, plan
from .state import State


@dataclass
class MessageQueueUser(Operation[Desired, State, RabbitmqClient]):
    """A user of the message queue, its vhost, its permissions and its tags."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """One call for what the broker keeps, and one login where there is a password to prove."""
        desired = self.desired
        current = self.client.read(desired.user, desired.vhost)
        if not current.user or not desired.checks_password or desired.password is None:
            return current
        return replace(current, login=self.client.log_in(desired.user, desired.password, desired.vhost))

    def nothing(self) -> State:
        """A broker as it is right after its installation."""
        return State(vhosts=frozenset({"/"}), names=frozenset({"guest"}))

    def apply(self, current: State, plan: Plan[RabbitmqClient]) -> Mapping[str, Any]:
        """Write, then prove the password."""
        super().apply(current, plan)
        current = self.read()
        if self.desired.checks_password and (current.login is False or not self._password_holds(current)):
            raise CollectionError(
                "set the password of",
                "message queue user",
                self.desired.user,
                "the broker took it and yet refuses a login with it",
                "See the broker's log and its authentication backends",
                code="not_effective",
            )
        return self.plan(current).result

    def _password_holds(self, current: State) -> bool:
        return bool(current.user and password_holds(self.desired, current.user, current.login))


def build(task: Task) -> MessageQueueUser:
    """The operation that the module's parameters describe."""
    params = task.params
    task.redactor.learn(params["password"])
    return MessageQueueUser(
        desired(params), RabbitmqClient(params["host"], params["port"], authorities(params))
    )
