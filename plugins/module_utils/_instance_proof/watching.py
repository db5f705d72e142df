# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for instances: until they are active, and until they have said what they must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

from .._clients.openstack_api import Api
from .._engine.errors import CollectionError
from .._engine.proof import MISSING, PROVEN, Part
from .._engine.waiting import Clock, wait_until
from . import console, servers
from .guests import Guest, console_remedy, faulty
from .parameters import Desired
from .resources import Resource

_POLL_SECONDS = 2.0


class Watcher:
    """Watches guests on one network side by side; each has what ``desired`` gives it of time.

    What is proven, or missing, goes to ``note`` at once, and into the guests: an API that fails meanwhile raises
    CollectionError.
    """

    def __init__(
        self,
        desired: Desired,
        compute: Api,
        network: Resource,
        guests: Sequence[Guest],
        note: Callable[[Part], None],
        clock: Clock,
    ) -> None:
        self._desired = desired
        self._compute = compute
        self._network = network
        self._guests = guests
        self._note = note
        self._clock = clock

    def wait_active(self) -> None:
        """Wait until they are active, and have addresses."""
        bodies: dict[str, Mapping[str, Any]] = {}

        def visit(guest: Guest) -> bool:
            body = bodies[guest.server.id] = servers.show(self._compute, guest.server)
            seconds = self._clock.monotonic() - guest.started
            guest.host = guest.host or servers.host(body)
            if body["status"] == "ERROR":
                self._fail(guest, faulty(guest, body, seconds))
            if body["status"] != "ACTIVE":
                return guest.failed
            addresses = body["addresses"].get(self._network.name, [])
            guest.address = addresses[0]["addr"] if addresses else ""
            detail = f"ACTIVE with address {guest.address}"
            self._note(Part("instance", PROVEN, detail, subject=guest.host, seconds=seconds))
            return True

        def late(guest: Guest, seconds: float) -> Part:
            return Part(
                "instance",
                MISSING,
                f"{servers.condition(bodies[guest.server.id])} after {seconds:.0f} seconds",
                subject=guest.host,
                seconds=seconds,
                remedy="Look into the logs of nova-compute on its host, nova-scheduler and nova-conductor",
            )

        self._each(visit, late, lambda guest: servers.trace(bodies[guest.server.id]))

    def read_consoles(self) -> None:
        """Wait until they have said what they must on their consoles."""
        started = self._clock.monotonic()

        def visit(guest: Guest) -> bool:
            guest.log = servers.console_log(self._compute, guest.server)
            seconds = self._clock.monotonic() - started
            for part, line in self._expected(guest).items():
                found = console.found(line, guest.log)
                if found and part not in guest.lines:
                    guest.lines[part] = found
                    self._note(Part(part, PROVEN, found, subject=guest.host, seconds=seconds))
            missing = self._missing_lines(guest)
            said = console.complaint(self._desired.console_error, guest.log)
            if missing and said:
                self._fail(guest, self._unproven(guest, f"the guest says: {said}", seconds))
            return guest.failed or not missing

        def late(guest: Guest, seconds: float) -> Part:
            return self._unproven(guest, f"not on its console after {seconds:.0f} seconds", seconds)

        self._each(visit, late, lambda guest: len(guest.log))

    def hear_again(self, guest: Guest) -> None:
        """Wait until an instance that reboots has said all once more; its console started over, too."""
        lines = self._expected(guest)

        def missing(log: str) -> list[str]:
            return [part for part, line in lines.items() if not console.found(line, log)]

        def complaint(log: str) -> str | None:
            return console.complaint(self._desired.console_error, log)

        began = self._clock.monotonic()
        log = wait_until(
            lambda log: not missing(log) or complaint(log) is not None,
            lambda: servers.console_log(self._compute, guest.server),
            timeout=self._desired.timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=len,
        )
        if missing(log):
            said = complaint(log)
            seconds = self._clock.monotonic() - began
            cause = f"the guest says: {said}" if said else f"not heard after {seconds:.0f} seconds"
            raise CollectionError(
                "boot",
                "server",
                f"{guest.server.name} on {guest.place}",
                f"{cause}; expected " + " and ".join(f'"{lines[part]}"' for part in missing(log)),
                console_remedy(log, missing(log)[0]),
                code="silent",
                evidence=console.last_lines(log),
            )

    def _each(
        self,
        visit: Callable[[Guest], bool],
        late: Callable[[Guest, float], Part],
        trace: Callable[[Guest], object],
    ) -> None:
        """Visit the guests that have not failed until each visit says it is done, or time is up.

        ``late`` gets the seconds that were waited; ``trace`` says what happens in a guest that was visited.
        """
        began = self._clock.monotonic()
        waiting = [guest for guest in self._guests if not guest.failed]

        def visit_all() -> list[Guest]:
            waiting[:] = [guest for guest in waiting if not visit(guest)]
            return waiting

        for guest in wait_until(
            lambda waiting: not waiting,
            visit_all,
            timeout=self._desired.timeout,
            interval=_POLL_SECONDS,
            clock=self._clock,
            trace=lambda waiting: [(one.server.id, trace(one)) for one in waiting],
        ):
            self._fail(guest, late(guest, self._clock.monotonic() - began))

    def _fail(self, guest: Guest, part: Part) -> None:
        guest.failed = True
        self._note(part)

    def _expected(self, guest: Guest) -> dict[str, str]:
        return console.expected(self._desired.console, guest.facts(self._network))

    def _missing_lines(self, guest: Guest) -> list[str]:
        return [part for part in self._desired.console if part not in guest.lines]

    def _unproven(self, guest: Guest, cause: str, seconds: float) -> Part:
        missing = self._missing_lines(guest)
        lines = self._expected(guest)
        return Part(
            missing[0],
            MISSING,
            f"{cause}; expected " + " and ".join(f'"{lines[part]}"' for part in missing),
            subject=guest.host,
            seconds=seconds,
            evidence=console.last_lines(guest.log),
            remedy=console_remedy(guest.log, missing[0]),
        )
