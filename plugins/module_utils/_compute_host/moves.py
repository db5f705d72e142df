# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How instances leave a host that is drained: live where they run, by a copy where they are stopped."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator, Mapping
from typing import Any

from .._engine.errors import CollectionError, plural
from .._engine.plan import Stage, Step
from .._engine.waiting import Clock, wait_until
from .._shared.instance_actions import CONFIRM_RESIZE, LIVE_MIGRATION, VERIFY_RESIZE
from .client import HostsApi
from .state import Host, Instance, State

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


def plan_moves(current: State) -> tuple[Stage[HostsApi], ...]:
    """A stage for each instance of the hosts, in the order of their names: one that stays keeps no other there."""
    instances = [one for host in current.hosts for one in host.instances]
    return tuple(Stage(tuple(_steps(one)), tolerant=True, subject=one) for one in sorted(instances, key=str))


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
            "Fix that, then run again",
            code="immovable",
            causes=causes,
        )


def left_behind(before: Instance, client: HostsApi, timeout: float, clock: Clock = time) -> bool:
    """Whether an instance is on its host no more, after ``timeout`` seconds at most for what it is busy with.

    False while it waits there for the next request. Raises CollectionError for one that did not, or is in error.
    """
    now = wait_until(
        lambda now: now is None or _rests(now),
        lambda: client.instance(before.id),
        timeout=timeout,
        interval=_POLL_SECONDS,
        clock=clock,
    )
    if now is None or now.host is None:
        return True
    if not _rests(now):
        raise stayed({str(before): f"it is still {now.task} after {timeout:g} seconds"})
    if now.host == before.host:
        why = client.outcome(before.id)
        cause = f"it is {now.status}, and still on {now.host}" + (f" ({why})" if why else "")
        raise stayed({str(before): cause})
    if now.status == _ERROR:
        raise stayed({str(before): f"it is in error on {now.host} ({client.outcome(before.id)})"})
    return False


def stayed(causes: Mapping[str, str]) -> CollectionError:
    """The error for instances that were not moved, each with the cause."""
    return CollectionError(
        "move",
        plural("instance", causes),
        ", ".join(causes),
        "; ".join(f"{name}: {cause}" for name, cause in causes.items())
        + ". The hosts stay disabled, so that nothing new comes to them",
        "See the logs of nova-scheduler and of nova-compute on both hosts, then run again",
        code="not_moved",
        stayed=dict(causes),
    )


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
