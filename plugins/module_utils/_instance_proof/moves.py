# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance goes to another host, and is seen to be there: Nova calls a move complete that never took place."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from .._clients.openstack_api import Api
from .._engine.errors import CollectionError
from .._engine.waiting import Clock, wait_until
from .._shared.instance_actions import CONFIRM_RESIZE, LIVE_MIGRATION, VERIFY_RESIZE, last_failure
from . import servers
from .resources import Resource

# As parameters name them: the part of the proof that each is.
LIVE, RESIZE = "live", "resize"
PARTS: Mapping[str, str] = {LIVE: "live migration", RESIZE: "resize"}

_POLL_SECONDS = 2.0
# Nova writes down why a move failed a moment after the instance is idle again.
_EVENT_SECONDS = 10.0
_ACTIVE, _RUNNING = "ACTIVE", 1
_LOGS = "Look into the logs of nova-compute on both hosts, of nova-conductor and of nova-scheduler"
_KERNEL = (
    "Nova moves no instance live whose image names a kernel (kernel_id): it takes the kernel for a disk. Boot a disk"
    " that has its kernel in itself"
)
_SAME_HOST = (
    "Set [DEFAULT] allow_resize_to_same_host = false for nova-api, or see why no other host was taken"
)


class Mover:
    """Moves one instance at a time; a move may take ``timeout`` seconds for each thing that is waited for."""

    def __init__(self, compute: Api, timeout: float, clock: Clock = time) -> None:
        self._compute = compute
        self._timeout = timeout
        self._clock = clock

    def migrate_live(self, server: Resource) -> tuple[str, str]:
        """Move it while it runs; the hosts before and after. Raises CollectionError where it did not move."""
        before = self._at_work(server)
        self._ask(server, PARTS[LIVE], LIVE_MIGRATION)
        after = self._at_rest(server, "MIGRATING")
        self._require(server, before, after, _ACTIVE)
        self._require_elsewhere(server, before, after, _LOGS)
        self._await_end(server)
        if after["OS-EXT-STS:power_state"] != _RUNNING:
            raise _failed(
                server, f"it does not run on {servers.host(after)}, although it is {_ACTIVE}", _LOGS
            )
        return servers.host(before), servers.host(after)

    def resize(self, server: Resource, flavor: str) -> tuple[str, str]:
        """Give it another flavor, by id; the hosts before and after. Raises CollectionError as above."""
        before = self._at_work(server)
        self._ask(server, PARTS[RESIZE], {"resize": {"flavorRef": flavor}})
        after = self._at_rest(server, "RESIZE")
        self._require(server, before, after, VERIFY_RESIZE)
        self._ask(server, f"confirmation of the {PARTS[RESIZE]}", CONFIRM_RESIZE)
        # No task shows that this is under way, only the status.
        after = self._at_rest(server, VERIFY_RESIZE)
        self._require(server, before, after, _ACTIVE)
        self._require_elsewhere(server, before, after, _SAME_HOST)
        return servers.host(before), servers.host(after)

    def _at_work(self, server: Resource) -> Mapping[str, Any]:
        body = servers.show(self._compute, server)
        if not _rests(body) or body["status"] != _ACTIVE:
            raise _failed(server, f"it is {servers.condition(body)} before the move", _LOGS)
        return body

    def _ask(self, server: Resource, what: str, request: Mapping[str, Any]) -> None:
        servers.act(self._compute, server, request, subject=f"{what} of server {server.name}")

    def _at_rest(self, server: Resource, passing: str) -> Mapping[str, Any]:
        """The server as soon as nothing is under way and its status is no longer ``passing``."""
        began = self._clock.monotonic()
        after = wait_until(
            lambda body: _rests(body) and body["status"] != passing,
            lambda: servers.show(self._compute, server),
            timeout=self._timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=servers.trace,
        )
        if not _rests(after) or after["status"] == passing:
            cause = (
                f"it is still {servers.condition(after)} after {self._clock.monotonic() - began:.0f} seconds"
            )
            raise self._explained(server, cause)
        return after

    def _await_end(self, server: Resource) -> None:
        """Wait until the host that the server left has removed it, which it does last: it may come back at once."""
        began = self._clock.monotonic()
        unfinished = wait_until(
            lambda unfinished: not unfinished,
            lambda: servers.live_migrations(self._compute, server),
            timeout=self._timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=lambda unfinished: unfinished,
        )
        for status in unfinished:
            cause = f"its {PARTS[LIVE]} is still {status} after {self._clock.monotonic() - began:.0f} seconds"
            raise self._explained(server, cause)

    def _require(
        self, server: Resource, before: Mapping[str, Any], after: Mapping[str, Any], status: str
    ) -> None:
        if after["status"] != status:
            raise self._explained(server, _place(before, after))

    def _require_elsewhere(
        self, server: Resource, before: Mapping[str, Any], after: Mapping[str, Any], remedy: str
    ) -> None:
        if servers.host(after) == servers.host(before):
            raise self._explained(server, _place(before, after), remedy)

    def _explained(self, server: Resource, cause: str, remedy: str = _LOGS) -> CollectionError:
        """The error with what Nova says of the move."""
        why = wait_until(
            bool,
            lambda: self._last_failure(server),
            timeout=_EVENT_SECONDS,
            interval=_POLL_SECONDS,
            clock=self._clock,
        )
        if "does not match disk_format" in why:
            remedy = _KERNEL
        return _failed(server, f"{cause} ({why})" if why else cause, remedy)

    def _last_failure(self, server: Resource) -> str:
        subject = f"events of server {server.name}"
        try:
            return last_failure(server.id, lambda path: self._compute.get(path, subject=subject))
        except CollectionError as error:
            # That the reason cannot be read must not hide what was seen.
            return error.failure


def _rests(body: Mapping[str, Any]) -> bool:
    return body["OS-EXT-STS:task_state"] is None


def _place(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    stayed = servers.host(after) == servers.host(before)
    return f"it is {after['status']}{', and still' if stayed else ''} on {servers.host(after)}"


def _failed(server: Resource, cause: str, remedy: str) -> CollectionError:
    return CollectionError("move", "server", server.name, cause, remedy, code="not_moved")
