# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind nova_service_info: look, and look again until all is well."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from .._clients.nova_api import ComputeApi, Nova
from .._clients.openstack import connect
from .._engine.errors import CollectionError, UnreachableError
from .._engine.operation import Report, Task
from .._engine.plan import Plan
from .._engine.waiting import Clock, wait_until
from . import health
from .parameters import Desired, desired
from .report import report
from .state import State

_POLL_SECONDS = 2.0


@dataclass
class NovaServiceInfo(Report[Desired, State, ComputeApi]):
    """The services as they are, after at most ``desired.timeout`` seconds of waiting for what is expected."""

    clock: Clock = time

    judge = staticmethod(report)

    def read(self) -> State:
        """One look; an API that does not answer is part of what it finds."""
        try:
            return State(self.client.read())
        except UnreachableError as error:
            return State(silence=error)

    def plan(self, current: State) -> Plan[ComputeApi]:
        """The report; an API that is silent is waited for."""
        return replace(super().plan(current), awaited=(current.silence,) if current.silence else ())

    def confirm(self, current: State, plan: Plan[ComputeApi]) -> Mapping[str, Any]:
        """Wait until nothing is missing. Raises the error of a silent API, or one that names what is missing."""
        # The first look is the one that was planned from.
        looks = itertools.chain([current], iter(self.read, None))
        began = self.clock.monotonic()
        state = wait_until(
            lambda state: not self._missing(state),
            lambda: next(looks),
            timeout=self.desired.timeout,
            interval=_POLL_SECONDS,
            clock=self.clock,
            trace=lambda state: len(self._missing(state)),
        )
        if state.silence:
            raise state.silence
        missing = self._missing(state)
        if missing and self.desired.services:
            raise self._unhealthy(state, began)
        return report(self.desired, state)

    def _missing(self, state: State) -> list[str]:
        return health.missing(state.fleet, self.desired.services)

    def _unhealthy(self, state: State, began: float) -> CollectionError:
        timeout = self.desired.timeout
        seen = report(self.desired, state)
        when = f"after {self.clock.monotonic() - began:.0f} seconds, " if timeout else ""
        return CollectionError(
            "find",
            "Nova's services",
            "healthy",
            when + " ".join(seen["missing"]),
            "See their logs in /var/log/nova; hosts are mapped by cell_v2 with discover_hosts",
            code="timeout" if timeout else "unhealthy",
            **seen,
        )


def build(task: Task) -> NovaServiceInfo:
    """The operation of one call of the module."""
    return NovaServiceInfo(desired(task.params), Nova(connect(task.params, task.redactor)))
