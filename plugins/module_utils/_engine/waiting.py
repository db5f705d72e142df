# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to wait: look again and again until it is done, or the time is over."""

from __future__ import annotations

import time
from typing import Callable, Protocol, TypeVar

SeenT = TypeVar("SeenT")

# What still changes when the time is over is slow and not stuck: it has this many times the time in all ...
OUTER = 3
# ... as long as no more than this part of the time passes without a change.
STANDSTILL = 0.25


class Clock(Protocol):
    """What waiting needs of time; the module ``time`` is the real one."""

    def time(self) -> float:
        """Seconds since 1970."""

    def monotonic(self) -> float:
        """Seconds since some moment; it never goes back."""

    def sleep(self, seconds: float, /) -> None:
        """Do nothing for so many seconds."""


def wait_until(
    done: Callable[[SeenT], bool],
    look: Callable[[], SeenT],
    *,
    timeout: float,
    interval: float,
    clock: Clock = time,
    trace: Callable[[SeenT], object] | None = None,
) -> SeenT:
    """The first look that is ``done``, or the first one after ``timeout`` seconds, whatever it is.

    Between two looks ``interval`` seconds pass. The caller sees for itself whether the last look is done. Where a look
    has a ``trace`` of what goes on, the time is not over before that stands still, or OUTER times the time has passed.
    """
    began = moved = clock.monotonic()
    seen = look()
    last = trace(seen) if trace else None

    def deadline() -> float:
        patient = min(moved + STANDSTILL * timeout, began + OUTER * timeout) if trace else began
        return max(began + timeout, patient)

    while not done(seen) and clock.monotonic() < deadline():
        clock.sleep(interval)
        seen = look()
        if trace and trace(seen) != last:
            last, moved = trace(seen), clock.monotonic()
    return seen
