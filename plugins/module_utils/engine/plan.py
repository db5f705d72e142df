# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module decided to do: pure data, made before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One write.

    ``command`` is what a person would type for it (it is shown, redacted); ``action`` names the client's
    method and ``arguments`` are that method's keyword arguments. ``changes`` is False for a step that finds
    out only by running whether it changes something; what ``apply`` returns as ``changed`` then counts.
    """

    command: str
    action: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    changes: bool = True


@dataclass(frozen=True)
class Plan:
    """The ordered writes that lead from the current to the desired state.

    ``before`` and ``after`` hold managed things only and make the diff ({} where nothing exists).
    ``result`` is the module's own part of the result: the resource as it will be.
    """

    steps: tuple[Step, ...] = ()
    before: Mapping[str, Any] | str = field(default_factory=dict)
    after: Mapping[str, Any] | str = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything is sure to be written."""
        return any(step.changes for step in self.steps)

    @property
    def commands(self) -> list[str]:
        """The steps as a person would type them, in order."""
        return [step.command for step in self.steps]
