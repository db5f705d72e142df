# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind keystone_service_endpoint."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from .._clients.openstack import connect
from .._clients.openstack_errors import ApiError
from .._engine.draft import Pending
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Stage, Step
from .client import Keystone
from .parameters import Desired, desired
from .plan import plan
from .state import State
from .writer import CatalogWriter

_ROUNDS = 10


class _Refusal(Exception):
    """A step that Keystone refused to carry out."""

    def __init__(self, command: str, error: ApiError) -> None:
        super().__init__(str(error))
        self.command = command
        self.error = error


@dataclass
class KeystoneServiceEndpoint(Operation[Desired, State, CatalogWriter]):
    """Services in the catalog with their endpoints and users, or without.

    Keystone has nothing that keeps two runs from creating the same service or endpoint. So apply reads
    again after it wrote, and goes on until nothing is left to do: whichever run ends last sees, and heals,
    what the other made meanwhile.
    """

    decide = staticmethod(plan)

    def read(self) -> State:
        """The catalog and the users; passwords are tried where they may be written."""
        return self._read(trusted=())

    def nothing(self) -> State:
        """A Keystone with its domains, and nothing in them."""
        domains = {user.domain for user in self.desired.users}
        return State(domains={domain: Pending("domain", domain) for domain in domains})

    def apply(self, current: State, plan: Plan[CatalogWriter]) -> Mapping[str, Any]:
        """Write, read again, and repeat while anything differs."""
        former: _Refusal | None = None
        for _round in range(_ROUNDS):
            refusal = self._refusal(current, plan)
            # Not the end yet: the next round may do without what was refused, or succeed.
            self.journal.failed_command = ""
            current = self._read(trusted=self.client.users_with_password)
            plan = self.plan(current)
            if not plan.changed:
                return plan.result
            if refusal and former and refusal.command == former.command:
                # Neither somebody who came between nor another step in the batch: the refusal stands.
                self.journal.failed_command = refusal.command
                raise refusal.error
            former = refusal
        raise CollectionError(
            "register",
            "services",
            ", ".join(one.name for one in self.desired.registrations),
            f"something changes them again and again ({plan.steps[0].command} was needed once more)",
            "Look for another program that manages the same services",
            code="unstable",
        )

    def _read(self, trusted: Collection[str]) -> State:
        users = self.desired.users
        if not (self.desired.present and self.desired.update_password):
            users = [replace(user, password=None) for user in users]
        return self.client.api.read(users, trusted)

    def _refusal(self, current: State, plan: Plan[CatalogWriter]) -> _Refusal | None:
        """Carry out the steps up to the first that Keystone refuses."""
        try:
            self.run(current, plan.stages, self.client)
        except _Refusal as refusal:
            return refusal
        return None

    def take(self, current: State, stage: Stage[CatalogWriter], client: CatalogWriter) -> Mapping[str, Any]:
        """Carry out the steps of one batch side by side; the first that is refused speaks for them."""
        answers = client.api.at_once([partial(self._attempt, step, client) for step in stage.steps])
        refusal: _Refusal | None = next(filter(None, answers), None)
        if refusal:
            raise refusal
        return {}

    def _attempt(self, step: Step[CatalogWriter], writer: CatalogWriter) -> _Refusal | None:
        try:
            self.carry_out(step, writer)
        except ApiError as error:
            return _Refusal(step.command, error)
        return None


def build(task: Task) -> KeystoneServiceEndpoint:
    """The operation of a task."""
    cloud = connect(task.params, task.redactor)
    # Not before: to connect is to forget what is no secret in auth, be it a password here.
    task.redactor.learn(*(service["password"] for service in task.params["services"]))
    return KeystoneServiceEndpoint(desired(task.params), CatalogWriter(Keystone(cloud)))
