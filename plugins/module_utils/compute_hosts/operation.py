# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind compute_host: read all hosts in one pass, change what differs, prove the result."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Callable

from ..compute.health import COMPUTE
from ..engine.errors import CollectionError
from ..engine.plan import Plan
from ..engine.runner import Operation
from .client import HostsApi
from .model import ABSENT, ComputeHost, Desired, Hosts
from .plan import describe, plan_hosts, refuse_load

_POLL_SECONDS = 2.0


@dataclass
class ComputeHosts(Operation):
    """Compute hosts that are enabled, disabled or gone.

    ``timeout`` is how long (seconds) to wait for hosts that are to be removed to fall silent; ``predicts`` is
    check mode.
    """

    api: HostsApi
    desired: Desired
    timeout: float
    predicts: bool
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def read(self) -> Hosts:
        """The hosts as the cloud has them."""
        return self.api.read(self.desired, load=self.desired.must_be_empty)

    def nothing(self) -> Hosts:
        """A cloud that is not there yet knows none of them."""
        return Hosts(tuple(ComputeHost(name) for name in self.desired.hosts))

    def plan(self, current: Hosts) -> Plan:
        """See ``plan_hosts``."""
        return plan_hosts(self.desired, current, predicts=self.predicts)

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Carry out the steps; hosts are removed only when they are silent, and then must be gone."""
        if self.desired.state == ABSENT:
            self._await_silence()
        for step in plan.steps:
            getattr(self.api, step.action)(**step.arguments)
        after = self.read()
        if self.desired.state == ABSENT:
            _require_gone(after)
        elif self.desired.must_be_empty:
            refuse_load(self.desired, after.hosts, late=True)
        return {"hosts": describe(after.hosts)}

    def _await_silence(self) -> None:
        """Whatever still runs would register itself, or its node, once more."""
        deadline = self.clock() + self.timeout
        while True:
            hosts = self.api.read(self.desired, load=False).hosts
            noise = {host.name: voices for host in hosts if (voices := _voices(host))}
            if not noise:
                return
            if self.clock() >= deadline:
                raise CollectionError(
                    "remove",
                    "compute host" if len(noise) == 1 else "compute hosts",
                    ", ".join(noise),
                    f"after {self.timeout:g} seconds there still report: {'; '.join(noise.values())}",
                    "Stop them there and keep them from starting, or switch the host off",
                    code="timeout",
                    reporting=list(noise),
                )
            self.sleep(_POLL_SECONDS)


def _voices(host: ComputeHost) -> str:
    voices = [
        f"{one.binary} on {host.name} (last at {one.heartbeat or 'an unknown time'})"
        for one in host.agents
        if one.alive
    ]
    if host.service and host.service.state == "up":
        voices.insert(0, f"{COMPUTE} on {host.name} (last at {host.service.updated_at})")
    return ", ".join(voices)


def _require_gone(after: Hosts) -> None:
    left = [host.name for host in after.hosts if not host.gone]
    if left:
        raise CollectionError(
            "remove",
            "compute host" if len(left) == 1 else "compute hosts",
            ", ".join(left),
            "the APIs reported success, but something of it is still there",
            "Run again; if it stays, see the log of nova-api",
            code="unproven",
            left=describe(host for host in after.hosts if not host.gone),
        )
