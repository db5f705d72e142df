# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``message_queue_user``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .client import BrokerClient, RabbitmqClient
from .planning import Desired, Permissions, State, password_holds, plan


class UserOperation(Operation):
    """A user of the message queue, its vhost, its permissions and its tags."""

    def __init__(self, desired: Desired, client: BrokerClient) -> None:
        self._desired = desired
        self.client = client

    def read(self) -> State:
        """One call for what the broker keeps, and one login where there is a password to prove."""
        desired = self._desired
        current = self.client.read(desired.user, desired.vhost)
        if not current.user or not self._probing or desired.password is None:
            return current
        return replace(current, login=self.client.log_in(desired.user, desired.password, desired.vhost))

    def nothing(self) -> State:
        """A broker as it is right after its installation."""
        return State(vhosts=frozenset({"/"}))

    def plan(self, current: State) -> Plan:
        """See ``planning.plan``."""
        return plan(self._desired, current)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Write, then prove the password."""
        for step in plan.steps:
            getattr(self.client, step.action)(**step.arguments)
        current = self.read()
        if self._probing and (current.login is False or not self._holds(current)):
            raise CollectionError(
                "set the password of",
                "message queue user",
                self._desired.user,
                "the broker took it and yet refuses a login with it",
                "See the broker's log and its authentication backends",
                code="not_effective",
            )
        return self.plan(current).result

    @property
    def _probing(self) -> bool:
        desired = self._desired
        return desired.present and desired.update_password and desired.password is not None

    def _holds(self, current: State) -> bool:
        return bool(current.user and password_holds(self._desired, current.user, current.login))


def build(module: AnsibleModule, redactor: Redactor) -> UserOperation:
    """The operation that the module's parameters describe."""
    params = module.params
    redactor.learn(params["password"])
    desired = Desired(
        user=params["user"],
        password=params["password"],
        vhost=params["vhost"],
        permissions=Permissions(params["configure"], params["write"], params["read"]),
        tags=None if params["tags"] is None else tuple(dict.fromkeys(params["tags"])),
        update_password=params["update_password"] == "always",
        present=params["state"] == "present",
    )
    return UserOperation(desired, RabbitmqClient(params["host"], params["port"]))
