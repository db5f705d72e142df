# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind nova_service_info: look, and wait until all is well."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Callable

from ..engine.errors import CollectionError, UnreachableError
from ..engine.plan import Plan
from ..engine.runner import Operation
from . import health
from .client import ComputeApi
from .model import Fleet

_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Look:
    """One look at the cloud: what there is, and what is wrong with it. ``silence``: no API answered."""

    fleet: Fleet
    missing: Sequence[str]
    silence: UnreachableError | None = None


@dataclass
class ServiceInfo(Operation):
    """The services as they are, after at most ``timeout`` seconds of waiting for what is expected.

    ``predicts`` is check mode: what would start them has not happened, so nothing is waited for and nothing
    that is missing is an error.
    """

    reads_only = True

    api: ComputeApi
    expected: health.Expected
    timeout: float
    predicts: bool
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def read(self) -> Look:
        """The last look: the first at which nothing is missing, or the one when the time was over."""
        deadline = self.clock() + self.timeout
        look = self._look()
        if self.predicts:
            return look
        while look.missing and self.clock() < deadline:
            self.sleep(_POLL_SECONDS)
            look = self._look()
        if look.silence:
            raise look.silence
        if look.missing and self.expected:
            raise self._unmet(look.missing)
        return look

    def plan(self, current: Look) -> Plan:
        """Nothing to do; the result says it all."""
        fleet = current.fleet
        return Plan(
            result={
                "services": [asdict(service) for service in fleet.services],
                "hypervisors": [asdict(hypervisor) for hypervisor in fleet.hypervisors],
                "computes": [asdict(compute) for compute in health.computes(fleet)],
                "healthy": not current.missing,
                "missing": list(current.missing),
            },
            warnings=(str(current.silence),) if current.silence else (),
        )

    def _look(self) -> Look:
        try:
            fleet = self.api.read()
        except UnreachableError as error:
            return Look(Fleet(), health.missing(Fleet(), self.expected), error)
        return Look(fleet, health.missing(fleet, self.expected))

    def _unmet(self, sentences: Sequence[str]) -> CollectionError:
        when = f"after {self.timeout:g} seconds, " if self.timeout else ""
        return CollectionError(
            "find",
            "Nova's services",
            "healthy",
            when + " ".join(sentences),
            "See their logs in /var/log/nova; hosts are mapped by cell_v2 with discover_hosts",
            code="timeout" if self.timeout else "unhealthy",
            missing=list(sentences),
        )
