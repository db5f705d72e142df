# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module is made of: read the state, plan, apply."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Callable, Generic, TypeVar

from .errors import CollectionError
from .plan import Plan, Stage, Step
from .redaction import Redactor

DesiredT = TypeVar("DesiredT")
StateT = TypeVar("StateT")
ClientT = TypeVar("ClientT")


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


@dataclass
class Operation(ABC, Generic[DesiredT, StateT, ClientT]):
    """What a module does: ``read`` the state in one pass, ``plan`` purely, ``apply`` the plan.

    It is given what is ``desired``, and the ``client`` on which the steps are carried out. It keeps nothing of what it
    read: ``apply`` and ``confirm`` are handed the state that the plan was made from. Whether a run is check mode only
    the runner knows: it then plans and does not apply.
    """

    desired: DesiredT
    client: ClientT

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

    @staticmethod
    def decide(desired: DesiredT, current: StateT) -> Plan[ClientT]:
        """The subject's pure decision: its class names the function, ``decide = staticmethod(plan)``."""
        raise NotImplementedError

    def plan(self, current: StateT) -> Plan[ClientT]:
        """What leads from ``current`` to the desired state; touches nothing."""
        return self.decide(self.desired, current)

    def apply(self, current: StateT, plan: Plan[ClientT]) -> Mapping[str, Any]:
        """Carry out a plan that has steps; what it returns replaces predicted parts of the result (new ids, say)."""
        return self.run(current, plan.stages, self.client)

    def confirm(self, current: StateT, plan: Plan[ClientT]) -> Mapping[str, Any]:
        """Wait for, or prove, what a plan without steps takes for granted; returns what ``apply`` does."""
        return {}

    def run(self, current: StateT, stages: Iterable[Stage[ClientT]], client: ClientT) -> dict[str, Any]:
        """Take the stages in their order; returns what ``take`` says of each, as one.

        After a failure only stages that run always are taken, and then it is raised. Failures of tolerant stages are
        raised in the end, as one error.
        """
        outcome: dict[str, Any] = {}
        failure: BaseException | None = None
        tolerated: list[CollectionError] = []
        for stage in stages:
            if failure and not stage.always:
                continue
            failed_command = self.journal.failed_command
            try:
                outcome.update(self.take(current, stage, client))
            except BaseException as error:
                if stage.tolerant and isinstance(error, CollectionError):
                    tolerated.append(error)
                elif failure is None:
                    failure = error
                else:
                    # The first failure is the one to report.
                    self.journal.failed_command = failed_command
        if failure:
            raise failure
        if tolerated:
            raise self.as_one(tolerated)
        return outcome

    def take(self, current: StateT, stage: Stage[ClientT], client: ClientT) -> Mapping[str, Any]:
        """Take one stage: wait for what it needs, and carry out its steps. Returns its parts of the result."""
        if stage.await_before:
            self.await_before(current, stage.await_before)
        for step in stage.steps:
            self.carry_out(step, client)
        return {}

    def await_before(self, current: StateT, things: tuple[Any, ...]) -> None:
        """Wait for what a stage needs before its first step. Raises CollectionError where it does not come."""
        raise NotImplementedError

    def as_one(self, errors: Sequence[CollectionError]) -> CollectionError:
        """The failures of tolerant stages, of which there is at least one, as one error: the first of them."""
        return errors[0]

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


@dataclass
class Report(Operation[DesiredT, StateT, ClientT]):
    """The short form of an operation that only reports: it looks, and judges what it sees."""

    reads_only = True

    @staticmethod
    def judge(desired: DesiredT, current: StateT) -> Mapping[str, Any]:
        """The result: the class names the pure function, ``judge = staticmethod(report)``."""
        raise NotImplementedError

    def plan(self, current: StateT) -> Plan[ClientT]:
        """Nothing to do; the result is what was seen."""
        return Plan(result=self.judge(self.desired, current))
