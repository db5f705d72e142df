# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module decided to do, made before anything is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Callable, Generic, TypeVar

from .errors import CollectionError

ClientT = TypeVar("ClientT")


@dataclass(frozen=True)
class Step(Generic[ClientT]):
    """One write.

    ``command`` is what a person would type for it, shown redacted, with ``further_commands`` where that takes
    several. ``call`` carries it out on the client that it is given; its arguments are bound already. ``changes``
    is False for a step that finds out only by running whether it changes something; what ``apply`` returns as
    ``changed`` then counts.
    """

    command: str
    call: Callable[[ClientT], object]
    changes: bool = True
    further_commands: tuple[str, ...] = ()

    @property
    def commands(self) -> tuple[str, ...]:
        """All commands, in order."""
        return (self.command, *self.further_commands)


@dataclass(frozen=True)
class Stage(Generic[ClientT]):
    """Steps that are taken one after the other, and what holds for them all.

    ``await_before`` is what must be there before the first step; ``Operation.await_before`` waits for it. A stage that
    runs ``always`` is taken although an earlier one failed: it cleans up. After a ``tolerant`` one that failed the
    others are still taken, and the failure is raised in the end. ``subject`` is what the steps are about, for
    operations that have to know it.
    """

    steps: tuple[Step[ClientT], ...] = ()
    await_before: tuple[Any, ...] = ()
    always: bool = False
    tolerant: bool = False
    subject: Any = None


def in_order(steps: Iterable[Step[ClientT]]) -> tuple[Stage[ClientT], ...]:
    """The stages of a plan that has only steps: one with all of them, or none where there is no step."""
    taken = tuple(steps)
    return (Stage(taken),) if taken else ()


@dataclass(frozen=True)
class Plan(Generic[ClientT]):
    """The stages of ordered writes that lead from the current to the desired state.

    ``before`` and ``after`` hold managed things only and make the diff ({} where nothing exists); a plan for several
    things may have ``diffs`` instead: one for each that changes, with its headers, as Ansible takes them.
    ``result`` is the module's own part of the result: the resource as it will be.

    ``unmet`` are errors that stop a real run before its first step and that check mode passes over: what is missing
    may be made by a task before this one. ``awaited`` are errors that a real run waits to see gone (in ``confirm``)
    and that check mode, which does not wait, shows as warnings.
    """

    stages: tuple[Stage[ClientT], ...] = ()
    before: Mapping[str, Any] | str = field(default_factory=dict)
    after: Mapping[str, Any] | str = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unmet: tuple[CollectionError, ...] = ()
    awaited: tuple[CollectionError, ...] = ()
    diffs: tuple[Mapping[str, str], ...] | None = None

    @property
    def steps(self) -> tuple[Step[ClientT], ...]:
        """The steps of all stages, in order."""
        return tuple(step for stage in self.stages for step in stage.steps)

    @property
    def changed(self) -> bool:
        """Whether anything is sure to be written."""
        return any(step.changes for step in self.steps)

    @property
    def commands(self) -> list[str]:
        """The steps as a person would type them, in order."""
        return [command for step in self.steps for command in step.commands]


def make_unless(
    there: bool,
    step: Step[ClientT],
    *,
    after: Mapping[str, Any],
    before: Mapping[str, Any] | None = None,
    result: Mapping[str, Any],
) -> Plan[ClientT]:
    """The plan for one thing that is made by one step unless it is ``there``: ``after`` is what a diff shows of it.

    ``before`` is what another one that it replaces was like; None for nothing.
    """
    return Plan(
        stages=() if there else in_order([step]),
        before=after if there else before or {},
        after=after,
        result=result,
    )
