# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind compute_host: read all hosts in one pass, change what differs, prove the result."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._clients.nova_api import COMPUTE
from .._clients.openstack import connect
from .._engine.errors import CollectionError, plural
from .._engine.operation import Operation, Task
from .._engine.plan import Plan, Stage
from .._engine.waiting import Clock, wait_until
from .client import HostsApi, OpenStackHosts
from .moves import left_behind, stayed
from .parameters import ABSENT, Desired, desired
from .plan import describe, plan, refuse_load
from .state import Host, State

_POLL_SECONDS = 2.0
_SETTLE_SECONDS = 60.0


@dataclass
class ComputeHost(Operation[Desired, State, HostsApi]):
    """Compute hosts that are enabled, disabled or gone."""

    decide = staticmethod(plan)

    clock: Clock = time

    def read(self) -> State:
        """The hosts as the cloud has them."""
        return self.client.read(self.desired, load=self.desired.must_be_empty)

    def nothing(self) -> State:
        """A cloud that is not there yet knows none of them."""
        return State(tuple(Host(name) for name in self.desired.hosts))

    def apply(self, current: State, plan: Plan[HostsApi]) -> Mapping[str, Any]:
        """Carry out the steps; hosts are removed only when they are silent, and then must be gone."""
        if self.desired.state == ABSENT:
            self._await_silence()
        super().apply(current, plan)
        # What Nova takes down of a move comes a moment after the instance is seen elsewhere.
        after = wait_until(
            lambda after: not plan.result["moved"] or all(host.load.empty for host in after.hosts),
            self.read,
            timeout=_SETTLE_SECONDS,
            interval=_POLL_SECONDS,
            clock=self.clock,
        )
        if self.desired.state == ABSENT:
            _require_gone(after)
        elif self.desired.must_be_empty:
            refuse_load(self.desired, after.hosts, late=True)
        return {"hosts": describe(after.hosts)}

    def take(self, current: State, stage: Stage[HostsApi], client: HostsApi) -> Mapping[str, Any]:
        """Of an instance that moves, each request is waited for before the next, until it has left."""
        if stage.subject is None:
            return super().take(current, stage, client)
        for step in stage.steps:
            try:
                self.carry_out(step, client)
            except CollectionError as error:
                raise stayed({str(stage.subject): str(error)}) from error
            if left_behind(stage.subject, client, self.desired.drain_timeout, self.clock):
                break
        return {}

    def as_one(self, errors: Sequence[CollectionError]) -> CollectionError:
        """All instances that stayed, and why."""
        return stayed({name: cause for error in errors for name, cause in error.details["stayed"].items()})

    def _await_silence(self) -> None:
        """Whatever still runs would register itself, or its node, once more."""
        reports = wait_until(
            lambda reports: not reports,
            self._reports,
            timeout=self.desired.timeout,
            interval=_POLL_SECONDS,
            clock=self.clock,
        )
        if reports:
            raise CollectionError(
                "remove",
                plural("compute host", reports),
                ", ".join(reports),
                f"after {self.desired.timeout:g} seconds there still report: {'; '.join(reports.values())}",
                "Stop them there and keep them from starting, or switch the host off",
                code="timeout",
                reporting=list(reports),
            )

    def _reports(self) -> dict[str, str]:
        """By host, what there still reports."""
        hosts = self.client.read(self.desired, load=False).hosts
        return {host.name: reporting for host in hosts if (reporting := _reporting(host))}


def _reporting(host: Host) -> str:
    reporting = [
        f"{one.binary} on {host.name} (last at {one.heartbeat or 'an unknown time'})"
        for one in host.agents
        if one.alive
    ]
    if host.service and host.service.state == "up":
        reporting.insert(0, f"{COMPUTE} on {host.name} (last at {host.service.updated_at})")
    return ", ".join(reporting)


def _require_gone(after: State) -> None:
    left = [host.name for host in after.hosts if not host.gone]
    if left:
        raise CollectionError(
            "remove",
            plural("compute host", left),
            ", ".join(left),
            "the APIs reported success, but something of it is still there",
            "Run again; if it stays, see the log of nova-api",
            code="unproven",
            left=describe(host for host in after.hosts if not host.gone),
        )


def build(task: Task) -> ComputeHost:
    """The operation of one call of the module."""
    params = task.params
    return ComputeHost(desired(params), OpenStackHosts(connect(params, task.redactor)))
