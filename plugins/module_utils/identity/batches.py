# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which steps of a plan may be carried out side by side: pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..engine.plan import Step


def batches(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """The steps in their order, neighbours together that do not need each other.

    A batch ends where a step mentions what the batch makes or changes. Deletions keep to their kind: what
    is left of a service's endpoints goes with the service.
    """
    batch: list[Step] = []
    written: set[Any] = set()
    for step in steps:
        if batch and (_deleted(step) != _deleted(batch[0]) or written.intersection(_leaves(step.arguments))):
            yield batch
            batch, written = [], set()
        batch.append(step)
        written |= _written(step.arguments)
    if batch:
        yield batch


def _deleted(step: Step) -> str | None:
    return step.arguments["kind"] if step.action == "delete" else None


def _written(arguments: Mapping[str, Any]) -> set[Any]:
    """What stands for the thing in other steps; a region's ID is its name, which is known beforehand."""
    return {arguments.get("id"), arguments.get("created"), arguments.get("body", {}).get("id")} - {None}


def _leaves(arguments: Mapping[str, Any]) -> Iterator[Any]:
    for value in arguments.values():
        if isinstance(value, Mapping):
            yield from _leaves(value)
        else:
            yield value
