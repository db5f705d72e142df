# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``message_queue_login``: log in the way a service does, over AMQP."""

from __future__ import annotations

from dataclasses import dataclass

from .._clients.amqp import Outcome, TryLogin, log_in
from .._engine.errors import UnreachableError
from .._engine.operation import Operation, Task
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class MessageQueueLogin(Operation[Desired, State, TryLogin]):
    """Tries every broker."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """What each broker says. Raises UnreachableError where none answers."""
        desired = self.desired
        outcomes = {
            host: self.client(
                host, desired.port, desired.user, desired.password, desired.vhost, desired.authorities
            )
            for host in desired.hosts
        }
        if all(outcome is Outcome.SILENT for outcome in outcomes.values()):
            raise UnreachableError(
                "log in to",
                "message queue",
                ", ".join(f"{host}:{desired.port}" for host in desired.hosts),
                Outcome.SILENT.value,
                "Start the broker, or correct its address",
            )
        return State(outcomes)

    def nothing(self) -> State:
        """No broker installed yet."""
        return State(dict.fromkeys(self.desired.hosts, Outcome.SILENT))


def build(task: Task) -> MessageQueueLogin:
    """The operation that the module's parameters describe."""
    return MessageQueueLogin(desired(task.params), log_in)


def build_for_configuration(task: Task) -> MessageQueueLogin:
    """The login of the service that a task with ``message_queue`` is about to configure."""
    account = task.params["message_queue"]
    task.redactor.learn(account["password"])
    return MessageQueueLogin(desired(account), log_in)
