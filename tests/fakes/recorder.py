# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the steps of a plan do to their client, without a client."""

from __future__ import annotations

from typing import Any, Callable

from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan, Step

Call = tuple[str, tuple[Any, ...], dict[str, Any]]


class Recorder:
    """Takes any call of a method, and keeps its name, its arguments and its keyword arguments."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *arguments, **options: self.calls.append((name, arguments, options))


def calls(plan: Plan[Any]) -> list[Call]:
    """What all steps of a plan call, in order."""
    return [call for step in plan.steps for call in calls_of(step)]


def calls_of(step: Step[Any]) -> list[Call]:
    """What one step calls."""
    recorder = Recorder()
    step.call(recorder)
    return recorder.calls
