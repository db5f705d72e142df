# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind service_units: read all units at once, change what differs, wait until they work."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Callable, Protocol

from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.runner import Operation
from .plan import DesiredUnit, Unit, plan_units

_POLL_SECONDS = 0.25


class ServiceManager(Protocol):
    """What the operation needs of systemd."""

    def units(self, names: Sequence[str]) -> Mapping[str, Unit]: ...

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None: ...

    def last_words(self, names: Sequence[str]) -> str: ...

    def modification_times(self, paths: Sequence[str]) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class State:
    """The units, and when the files that they watch were last changed."""

    units: Mapping[str, Unit]
    modified: Mapping[str, float]


@dataclass
class ServiceUnits(Operation):
    """Units that run the configuration on disk, and URLs that answer.

    ``settle`` is how long (seconds) a unit must have been running to count as started; ``timeout`` how long
    to wait for that and for the answers. ``changed_files`` count as changed just now, whatever their time.
    ``predicts`` is check mode: units may be missing, nothing waits.
    """

    manager: ServiceManager
    desired: Sequence[DesiredUnit]
    answers: Sequence[str]
    changed_files: Sequence[str]
    predicts: bool
    settle: float
    timeout: float
    refusal: Callable[[str], str | None]
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def read(self) -> State:
        """Units and files in one look."""
        names = [unit.name for unit in self.desired]
        units = self.manager.units(names)
        # A unit that shall neither run nor start at boot may as well not be there.
        needed = [unit.name for unit in self.desired if unit.running or unit.enabled]
        missing = [name for name in needed if not units[name].installed]
        if missing and not self.predicts:
            raise CollectionError(
                "manage",
                "unit" if len(missing) == 1 else "units",
                ", ".join(missing),
                "not installed on this host",
                "Install the packages first, or correct the name",
                code="not_found",
            )
        watched = sorted({path for unit in self.desired for path in unit.watch})
        modified = {**self.manager.modification_times(watched), **dict.fromkeys(self.changed_files, math.inf)}
        state = State(units, modified)
        if not self.predicts and not self.plan(state).changed:
            # A run that was cut while units came up left nothing to change, but something to wait for.
            self._wait()
        return state

    def nothing(self) -> State:
        """No unit installed."""
        return State({}, {})

    def plan(self, current: State) -> Plan:
        """See plan_units."""
        return plan_units(self.desired, current.units, current.modified)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Carry the plan out, then wait until the units run and the URLs answer."""
        for step in plan.steps:
            self.manager.systemctl(**step.arguments)
        self._wait()
        return {}

    def _wait(self) -> None:
        deadline = self.clock() + self.timeout
        pending = list(self.answers)
        while True:
            unsettled = self._unsettled()
            causes = {url: cause for url in pending if (cause := self.refusal(url)) is not None}
            pending = list(causes)
            if not unsettled and not pending:
                return
            if self.clock() >= deadline:
                self._give_up(unsettled, causes)
            self.sleep(_POLL_SECONDS)

    def _unsettled(self) -> list[str]:
        names = [unit.name for unit in self.desired if unit.running]
        unsettled = []
        for name, unit in self.manager.units(names).items():
            # A unit that ended by itself is dead even if it left with status 0.
            if not unit.active or unit.sub_state == "auto-restart":
                raise CollectionError(
                    "start",
                    "unit",
                    name,
                    f"it is {unit.active_state} ({unit.sub_state}, result {unit.result})",
                    f"Its last words: {self.manager.last_words([name])}",
                    code="unit_failed",
                )
            if unit.active_state != "active" or self.clock() - (unit.started or 0.0) < self.settle:
                unsettled.append(name)
        return unsettled

    def _give_up(self, unsettled: Sequence[str], causes: Mapping[str, str]) -> None:
        names = list(unsettled) or [unit.name for unit in self.desired if unit.running]
        silent = "; ".join(f"{url}: {cause}" for url, cause in causes.items())
        raise CollectionError(
            "start",
            "units",
            ", ".join(names),
            f"not ready after {self.timeout:g} seconds" + (f" ({silent})" if silent else ""),
            f"Their last words: {self.manager.last_words(names)}",
            code="timeout",
        )
