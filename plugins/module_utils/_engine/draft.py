# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A working copy of a state on which a plan is made, and how its steps come by IDs that nobody knows yet.

A plan makes things whose IDs only their owner gives. In the draft, and in the steps, a ``Pending`` stands for such an
ID; the ``ResolvingWriter``, on which the steps are carried out, puts the ID in its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar, Union

from .plan import Step

StepT = TypeVar("StepT", bound=Step[Any])


@dataclass(frozen=True)
class Pending:
    """Stands for the ID of something that the plan makes, or that a task before this one has yet to make.

    ``owner`` is the ID of the project that it belongs to, None where it belongs to none.
    """

    kind: str
    name: str
    owner: ID | None = None


ID = Union[str, Pending]


def known(id: ID) -> str | None:
    """The ID, None while it is pending."""
    return None if isinstance(id, Pending) else id


class Draft(Generic[StepT]):
    """A state with changes: whoever changes the copy adds the step that does the same outside.

    ``waves`` is how many waves of steps there are: what stands in one needs only what was made in those before.
    """

    def __init__(self, waves: int = 1) -> None:
        self._waves: tuple[list[StepT], ...] = tuple([] for _wave in range(waves))

    @property
    def steps(self) -> tuple[StepT, ...]:
        """What leads from the state to this draft: wave by wave, in each in the order of the changes."""
        return tuple(chain(*self._waves))

    def add(self, step: StepT, wave: int = 0) -> None:
        """Note the step that a change takes; the first wave is 0."""
        self._waves[wave].append(step)


class ResolvingWriter:
    """The client of a draft's steps: it knows the IDs of what they have made so far. Several threads may use it.

    Each kind of writer carries out the steps of one subject: it calls ``made`` for what it makes, and sends what
    ``id`` and ``resolved`` return.
    """

    def __init__(self) -> None:
        self.created: dict[Pending, str] = {}

    def made(self, pending: Pending, id: str) -> None:
        """Note the ID of what ``pending`` stands for."""
        self.created[pending] = id

    def id(self, id: ID) -> str:
        """The ID as it is by now. Raises KeyError for what was not made."""
        return self.created[id] if isinstance(id, Pending) else id

    def resolved(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """Attributes with IDs in the place of pending ones; what is inside of their values stays as it is."""
        return {
            name: self.id(value) if isinstance(value, Pending) else value
            for name, value in attributes.items()
        }
