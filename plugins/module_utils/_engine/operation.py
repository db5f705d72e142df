# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module is made of: read the state, plan, apply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Generic, TypeVar

from .plan import Plan, Step
from .redaction import Redactor

ClientT = TypeVar("ClientT")
StateT = TypeVar("StateT")
PlanT = TypeVar("PlanT", bound=Plan[Any])


@dataclass(frozen=True)
class Task:
    """One call of a module: its parameters, the redactor of its secrets, and where its warnings go."""

    params: Mapping[str, Any]
    redactor: Redactor = field(default_factory=Redactor)
    warn: Callable[[str], None] = lambda text: None


@dataclass
class Journal:
    """What an operation has carried out so far, and the command that failed ("" for none)."""

    commands: list[str] = field(default_factory=list)
    changed: bool = False
    failed_command: str = ""


class Operation(ABC, Generic[StateT, PlanT]):
    """What a module does: ``read`` the state in one pass, ``plan`` purely, ``apply`` the plan.

    Whether a run is check mode only the runner knows: it then plans and does not apply.
    """

    reads_only = False
    """True for modules that only report: their result has no ``commands`` and no diff."""

    @cached_property
    def journal(self) -> Journal:
        """What was carried out; a failure is reported with it."""
        return Journal()

    @abstractmethod
    def read(self) -> StateT:
        """The current state. Raises UnreachableError where its holder does not answer."""

    def nothing(self) -> StateT:
        """The state of a host on which nothing was installed yet; planned from in check mode only."""
        raise NotImplementedError

    @abstractmethod
    def plan(self, current: StateT) -> PlanT:
        """What leads from ``current`` to the desired state; touches nothing."""

    def apply(self, plan: PlanT) -> Mapping[str, Any]:
        """Carry out a plan that has steps; what it returns replaces predicted parts of the result (new ids, say)."""
        raise NotImplementedError

    def confirm(self, plan: PlanT) -> Mapping[str, Any]:
        """Wait for, or prove, what a plan without steps takes for granted; returns what ``apply`` does."""
        return {}

    def carry_out(self, step: Step[ClientT], client: ClientT) -> Any:
        """Take one step and note it in the journal; every write of ``apply`` goes through here."""
        try:
            outcome = step.call(client)
        except Exception:
            self.journal.failed_command = step.command
            raise
        self.journal.commands.extend(step.commands)
        self.journal.changed = self.journal.changed or step.changes
        return outcome
