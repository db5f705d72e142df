# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind cloud_proof: what a cloud says of itself, without making anything in it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Callable

from .._clients.openstack import connect
from .._engine.errors import CollectionError
from .._engine.operation import Report, Task
from .._engine.proof import MISSING, Part
from .._engine.waiting import Clock, wait_until
from . import checks
from .client import OpenStackReader
from .parameters import Desired, desired
from .report import report
from .state import State

_POLL_SECONDS = 2.0


@dataclass
class CloudProof(Report[Desired, State, OpenStackReader]):
    """Looks at a cloud part by part."""

    clock: Clock = time

    judge = staticmethod(report)

    def read(self) -> State:
        """The parts of the proof. Raises UnreachableError where there is no cloud yet."""
        desired = self.desired
        started = self.clock.monotonic()
        catalog = self.client.catalog()
        complete = checks.catalog(catalog, desired.services, desired.interfaces, desired.region)
        parts = [replace(complete, seconds=self.clock.monotonic() - started)]
        parts.append(self._part("endpoints", lambda: self._endpoints(catalog)))
        agents: list[Mapping[str, Any]] = []
        if desired.agents:
            parts.append(self._part("network agents", lambda: self._agents(agents)))
        for service in desired.upgrade_checks:
            parts.append(
                self._part(checks.upgrade_check_name(service), partial(self._upgrade_check, service))
            )
        return State(self.client.name, tuple(parts), catalog, agents)

    def _endpoints(self, catalog: Sequence[Mapping[str, Any]]) -> Part:
        urls = checks.endpoint_urls(catalog, self.desired.services, self.desired.region)
        return checks.endpoints({url: self.client.refusal(url) for url in urls})

    def _agents(self, seen: list[Mapping[str, Any]]) -> Part:
        """Wait for the agents; ``seen`` becomes what the last look has found."""

        def look() -> Part:
            seen[:] = self.client.agents()
            return checks.agents(seen, self.desired.agents)

        return wait_until(
            lambda part: part.state != MISSING,
            look,
            timeout=self.desired.timeout,
            interval=_POLL_SECONDS,
            clock=self.clock,
            trace=lambda part: len(part.evidence),
        )

    def _upgrade_check(self, service: str) -> Part:
        output = self.client.upgrade_check(service)
        return checks.upgrade_check(service, output.code, output.stdout, output.stderr)

    def _part(self, name: str, look: Callable[[], Part]) -> Part:
        started = self.clock.monotonic()
        try:
            part = look()
        except CollectionError as error:
            part = Part.from_error(name, error)
        return replace(part, seconds=self.clock.monotonic() - started)


def build(task: Task) -> CloudProof:
    """The operation of one call of the module."""
    params = task.params
    return CloudProof(desired(params), OpenStackReader(connect(params, task.redactor), params["run_as"]))
