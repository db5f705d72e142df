# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind keystone_service_endpoint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from ..clients.openstack import ApiError
from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.runner import Operation
from .batches import batches
from .client import IdentityApi
from .model import Catalog, Pending, Registration
from .plan import plan_registrations, plan_removals

_ROUNDS = 10


@dataclass(frozen=True)
class _Refusal:
    """A step that Keystone refused to carry out."""

    command: str
    error: ApiError


@dataclass
class RegisterServices(Operation):
    """Services in the catalog with their endpoints and users; taken out with ``present`` False.

    Keystone has nothing that keeps two runs from creating the same service or endpoint. So apply reads
    again after it wrote, and goes on until nothing is left to do: whichever run ends last sees, and heals,
    what the other made meanwhile.
    """

    api: IdentityApi
    desired: Sequence[Registration]
    present: bool = True
    heal: bool = True
    update_password: bool = True
    _trusted: set[str] = field(default_factory=set)

    def read(self) -> Catalog:
        """The catalog and the accounts; passwords are tried where they may be written."""
        accounts = [one.account for one in self.desired if one.account]
        if not (self.present and self.update_password):
            accounts = [replace(account, password=None) for account in accounts]
        return self.api.read(accounts, self._trusted)

    def nothing(self) -> Catalog:
        """A Keystone with its domains, and nothing in them."""
        domains = {one.account.domain for one in self.desired if one.account}
        return Catalog(domains={domain: Pending("domain", domain) for domain in domains})

    def plan(self, current: Catalog) -> Plan:
        """See plan_registrations and plan_removals."""
        if not self.present:
            return plan_removals(self.desired, current)
        return plan_registrations(self.desired, current, heal=self.heal, update_password=self.update_password)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Write, read again, and repeat while anything differs."""
        former = None
        for _round in range(_ROUNDS):
            refused = self._write(plan)
            plan = self.plan(self.read())
            if not plan.changed:
                return plan.result
            if refused and former and refused.command == former.command:
                # Neither somebody who came between nor a neighbour in the batch: the refusal stands.
                raise refused.error
            former = refused
        raise CollectionError(
            "register",
            "services",
            ", ".join(one.name for one in self.desired),
            f"something changes them again and again ({plan.steps[0].command} was needed once more)",
            "Look for another program that manages the same services",
            code="unstable",
        )

    def _write(self, plan: Plan) -> _Refusal | None:
        """Carry out the steps, batch by batch, up to the first that Keystone refuses."""
        made: dict[Pending, str] = {}
        for batch in batches(plan.steps):
            answers = self.api.at_once([partial(self._attempt, step, made) for step in batch])
            refused = next(filter(None, answers), None)
            if refused:
                return refused
        return None

    def _attempt(self, step: Step, made: dict[Pending, str]) -> _Refusal | None:
        arguments = {name: _resolved(value, made) for name, value in step.arguments.items()}
        try:
            self._carry_out(step.action, arguments, made)
        except ApiError as error:
            return _Refusal(step.command, error)
        return None

    def _carry_out(self, action: str, arguments: dict[str, Any], made: dict[Pending, str]) -> None:
        if action == "create":
            created = arguments["created"]
            made[created] = self.api.create(created.kind, arguments["body"])
            if created.kind == "user":
                self._trusted.add(made[created])
            return
        getattr(self.api, action)(**arguments)
        if "password" in arguments.get("changes", ()):
            self._trusted.add(arguments["id"])


def _resolved(value: Any, made: Mapping[Pending, str]) -> Any:
    """The value with the IDs that are known by now."""
    if isinstance(value, Pending):
        return made.get(value, value)
    if isinstance(value, Mapping):
        return {key: _resolved(item, made) for key, item in value.items()}
    return value
