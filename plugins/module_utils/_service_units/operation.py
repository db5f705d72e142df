# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``service_units``: read all units at once, change what differs, wait until they work."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Callable

from .._clients.http import refusal
from .._clients.systemd import Systemd, Unit, log_remedy
from .._engine.errors import CollectionError
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .._engine.waiting import Clock, wait_until
from .client import Broker, HostFiles
from .parameters import Desired, DesiredUnit, broker_login, desired
from .plan import plan
from .state import State
from .watched import StartNote

_INTERVAL = 0.25


@dataclass(frozen=True)
class Readiness:
    """The units that shall run, and what is not ready yet of them.

    That is units that have not settled, and URLs and queues that are not served, with the cause.
    """

    running: Mapping[str, Unit]
    unsettled: tuple[str, ...]
    refusals: Mapping[str, str]

    @property
    def complete(self) -> bool:
        """Whether everything is ready."""
        return not self.unsettled and not self.refusals


@dataclass
class ServiceUnits(Operation[Desired, State, Systemd]):
    """Units that run the configuration on disk, and URLs that answer."""

    refusal: Callable[[str], str | None] = refusal
    queues: Broker | None = None
    clock: Clock = time
    files: HostFiles = field(default_factory=HostFiles)

    decide = staticmethod(plan)

    def read(self) -> State:
        """The units, the files that they watch, and what their processes read of them."""
        names = [unit.name for unit in self.desired.units]
        entries = sorted({entry for unit in self.desired.units for entry in unit.read})
        # The units come last: one that restarts meanwhile has read these files, or newer ones.
        watched, notes = self.files.watched(entries), self.files.notes(names)
        units = dict(self.client.units(names))
        others = {socket for unit in units.values() for socket in unit.triggered_by} - {*names}
        if others and any(unit.triggers for unit in units.values()):
            units |= self.client.units(sorted(others))
        return State(units, watched, notes)

    def nothing(self) -> State:
        """No unit installed."""
        return State()

    def apply(self, current: State, plan: Plan[Systemd]) -> Mapping[str, Any]:
        """Change the units, each after those that serve it, then wait until they run and the URLs answer."""
        if self.queues:
            self.queues.starting()
        super().apply(current, plan)
        return self.confirm(current, plan)

    def await_before(self, current: State, things: tuple[Any, ...]) -> None:
        """Wait until the units work that serve those of the next stage."""
        self._wait(things)

    def confirm(self, current: State, plan: Plan[Systemd]) -> Mapping[str, Any]:
        """Wait here, too: a run that was cut while units came up left nothing to change, but something to wait for."""
        self._note(current, self._wait(self.desired.units, self.desired.answers).running)
        return {}

    def _note(self, before: State, running: Mapping[str, Unit]) -> None:
        """Keep what the processes that run now have read, which is what was there when this run began.

        That was before those started that this run started, and the plan found no other newer than its process.
        """
        for unit in self.desired.units:
            invocation = running[unit.name].invocation if unit.name in running else ""
            digests = {entry: before.watched[entry].digests for entry in unit.read}
            known = {entry: found for entry, found in digests.items() if found is not None}
            if not invocation or not known:
                continue
            old = before.notes.get(unit.name)
            kept = old.digests if old and old.invocation == invocation else {}
            note = StartNote(invocation, {**kept, **known})
            if note != old:
                self.files.write_note(unit.name, note)

    def _wait(self, units: Sequence[DesiredUnit], answers: Sequence[str] = ()) -> Readiness:
        """Until these units run, their queues are consumed and the URLs answer; how they are then."""
        running = [unit.name for unit in units if unit.running]
        silent = list(answers)
        idle = [queue for unit in units if unit.running for queue in unit.consumes]

        def look() -> Readiness:
            units = self.client.units(running)
            unsettled = self._unsettled(units)
            refusals = {url: cause for url in silent if (cause := self.refusal(url)) is not None}
            # What answered once is not asked again.
            silent[:] = refusals
            if idle:
                causes = self.queues.unconsumed(idle) if self.queues else {}
                idle[:] = causes
                refusals.update({f"queue {queue}": cause for queue, cause in causes.items()})
            return Readiness(units, unsettled, refusals)

        timeout = self.desired.timeout
        readiness = wait_until(
            lambda seen: seen.complete, look, timeout=timeout, interval=_INTERVAL, clock=self.clock
        )
        if not readiness.complete:
            consumers = [unit.name for unit in units if unit.running and {*unit.consumes} & {*idle}]
            raise self._timed_out(readiness.unsettled or consumers or running, readiness)
        return readiness

    def _unsettled(self, units: Mapping[str, Unit]) -> tuple[str, ...]:
        unsettled = []
        for name, unit in units.items():
            # A unit that ended by itself is dead even if it left with status 0.
            if not unit.active or unit.failed:
                logs = self.client.logs([name])
                raise CollectionError(
                    "start",
                    "unit",
                    name,
                    f"it is {unit.active_state} ({unit.sub_state}, result {unit.result})",
                    log_remedy(logs),
                    code="unit_failed",
                    log=logs,
                )
            settled = self.clock.time() - (unit.started or 0.0) >= self.desired.settle
            if unit.active_state != "active" or not settled:
                unsettled.append(name)
        return tuple(unsettled)

    def _timed_out(self, names: Sequence[str], readiness: Readiness) -> CollectionError:
        logs = self.client.logs(names)
        causes = "; ".join(f"{name}: {cause}" for name, cause in readiness.refusals.items())
        return CollectionError(
            "start",
            "units",
            ", ".join(names),
            f"not ready after {self.desired.timeout:g} seconds" + (f" ({causes})" if causes else ""),
            log_remedy(logs),
            code="timeout",
            log=logs,
        )


def build(task: Task) -> ServiceUnits:
    """The operation that the module's parameters describe."""
    params = task.params
    login = broker_login(params)
    if login:
        task.redactor.learn(login.password)
    answer = partial(refusal, ca_cert=params["ca_cert"])
    manager = Systemd(params["timeout"], params["log_dir"])
    return ServiceUnits(desired(params), manager, answer, Broker(login) if login else None)
