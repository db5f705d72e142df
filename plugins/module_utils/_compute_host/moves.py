# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How instances leave a host that is drained: live where they run, by a copy where they are stopped."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Callable

from .._engine.errors import CollectionError, plural
from .._engine.plan import Step
from .._engine.waiting import Clock, wait_until
from .._shared.instance_actions import CONFIRM_RESIZE, LIVE_MIGRATION, VERIFY_RESIZE
from .client import HostsApi
from .state import Host, Instance, State

CarryOut = Callable[[Step[HostsApi], HostsApi], Any]

_POLL_SECONDS = 2.0
_STOPPED, _SHELVED, _ERROR = "SHUTOFF", "SHELVED", "ERROR"
_COPY: Mapping[str, Any] = {"migrate": None}
_OFFLOAD: Mapping[str, Any] = {"shelveOffload": None}
# By status: the request, and the words of the command line for it.
_WAYS = {
    "ACTIVE": (LIVE_MIGRATION, ("migrate", "--live-migration")),
    "PAUSED": (LIVE_MIGRATION, ("migrate", "--live-migration")),
    _STOPPED: (_COPY, ("migrate",)),
    _SHELVED: (_OFFLOAD, ("shelve", "--offload")),
}
_REMEDIES = {
    VERIFY_RESIZE: "confirm or revert its resize",
    "SUSPENDED": "resume it, or stop it",
    "RESCUE": "unrescue it",
    _ERROR: "reset its state if it is in order, or delete it",
}


@dataclass(frozen=True)
class Move:
    """One instance that leaves, and the requests for it, in order."""

    instance: Instance
    steps: tuple[Step[HostsApi], ...]


def plan_moves(current: State) -> tuple[Move, ...]:
    """All instances of the hosts, in the order of their names."""
    instances = [one for host in current.hosts for one in host.instances]
    return tuple(Move(one, tuple(_steps(one))) for one in sorted(instances, key=str))


def refuse_immovable(current: State) -> None:
    """Raise CollectionError, before anything is done, for all that stands in the way of a drain."""
    causes = [cause for host in current.hosts for cause in _causes(host)]
    loaded = [host.name for host in current.hosts if host.instances]
    if loaded and not current.available:
        causes.append("no other compute host is enabled and up (enable one, or start its nova-compute)")
    if causes:
        names = [host.name for host in current.hosts]
        raise CollectionError(
            "drain",
            plural("compute host", names),
            ", ".join(names),
            "; ".join(causes) + ". Nothing was moved, and no host was disabled",
            "Mend that, then run again",
            code="immovable",
            causes=causes,
        )


class Drain:
    """Carries moves out, one after the other: a host has only so much to copy with."""

    def __init__(self, client: HostsApi, timeout: float, clock: Clock = time) -> None:
        self._client = client
        self._timeout = timeout
        self._clock = clock

    def run(self, moves: tuple[Move, ...], carry_out: CarryOut) -> None:
        """Move all that can be moved. Raises CollectionError in the end for what stayed."""
        stayed = {}
        for move in moves:
            cause = self._moved(move, carry_out)
            if cause:
                stayed[str(move.instance)] = cause
        if stayed:
            raise CollectionError(
                "move",
                plural("instance", stayed),
                ", ".join(stayed),
                "; ".join(f"{name}: {cause}" for name, cause in stayed.items())
                + ". The hosts stay disabled, so that nothing new comes to them",
                "See the logs of nova-scheduler and of nova-compute on both hosts, then run again",
                code="not_moved",
                stayed=stayed,
            )

    def _moved(self, move: Move, carry_out: CarryOut) -> str:
        """Why the instance is still there; "" when it is not."""
        before = move.instance
        for step in move.steps:
            try:
                carry_out(step, self._client)
            except CollectionError as error:
                return str(error)
            now = wait_until(
                lambda now: now is None or _rests(now),
                lambda: self._client.instance(before.id),
                timeout=self._timeout,
                interval=_POLL_SECONDS,
                clock=self._clock,
            )
            if now is None or now.host is None:
                return ""
            if not _rests(now):
                return f"it is still {now.task} after {self._timeout:g} seconds"
            if now.host == before.host:
                why = self._client.outcome(before.id)
                return f"it is {now.status}, and still on {now.host}" + (f" ({why})" if why else "")
            if now.status == _ERROR:
                return f"it is in error on {now.host} ({self._client.outcome(before.id)})"
        return ""


def _rests(instance: Instance) -> bool:
    return instance.task is None


def _steps(instance: Instance) -> Iterator[Step[HostsApi]]:
    request, words = _WAYS[instance.status]
    yield _step(instance, request, *words)
    if request is _COPY:
        yield _step(instance, CONFIRM_RESIZE, "resize", "confirm")


def _step(instance: Instance, request: Mapping[str, Any], *words: str) -> Step[HostsApi]:
    command = shlex.join(["openstack", "server", *words, instance.id])
    return Step[HostsApi](command, lambda api: api.act(instance.id, request))


def _causes(host: Host) -> Iterator[str]:
    if host.instances and host.service and host.service.state != "up":
        yield f"nova-compute on {host.name} is down (evacuate its instances: openstack server evacuate)"
        return
    for one in sorted(host.instances, key=str):
        if one.status not in _WAYS:
            remedy = _REMEDIES.get(one.status)
            yield f"instance {one} is {one.status}" + (f" ({remedy})" if remedy else "")
        elif one.task is not None:
            yield f"instance {one} is busy ({one.task})"
