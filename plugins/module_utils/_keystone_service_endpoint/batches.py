# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Steps that say what they depend on, and which of them may be carried out side by side: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .._engine.draft import ID
from .._engine.plan import Step
from .writer import CatalogWriter


@dataclass(frozen=True)
class RegistrationStep(Step[CatalogWriter]):
    """One write to Keystone.

    ``mentions`` are the IDs that it sends, ``writes`` those of what it creates, changes or deletes; ``deletes`` is
    the kind of thing that it deletes, None if it does not.
    """

    mentions: frozenset[ID] = frozenset()
    writes: frozenset[ID] = frozenset()
    deletes: str | None = None


def batches(steps: Iterable[RegistrationStep]) -> Iterator[list[RegistrationStep]]:
    """The steps in their order, adjacent ones together that do not need each other.

    A batch ends where a step mentions what the batch writes. Deletions keep to their kind: what is left of a
    service's endpoints goes with the service.
    """
    batch: list[RegistrationStep] = []
    written: set[ID] = set()
    for step in steps:
        if batch and (step.deletes != batch[0].deletes or written & step.mentions):
            yield batch
            batch, written = [], set()
        batch.append(step)
        written |= step.writes
    if batch:
        yield batch
