# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one way to wait: look again and again until it is done, or the time is over."""

from __future__ import annotations

import time
from typing import Callable, Protocol, TypeVar

SeenT = TypeVar("SeenT")


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
) -> SeenT:
    """The first look that is ``done``, or the first one after ``timeout`` seconds, whatever it is.

    Between two looks ``interval`` seconds pass. The caller sees for itself whether the last look is done.
    """
    deadline = clock.monotonic() + timeout
    seen = look()
    while not done(seen) and clock.monotonic() < deadline:
        clock.sleep(interval)
        seen = look()
    return seen
