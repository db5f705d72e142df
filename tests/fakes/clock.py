# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time for tests."""

from __future__ import annotations

from typing import Any, Callable


class FakeClock:
    """Time that passes only while somebody sleeps; what is planned for a moment (``events``) happens then."""

    def __init__(self, now: float = 0.0) -> None:
        self.now = now
        self.slept: list[float] = []
        self.events: dict[float, Callable[[], Any]] = {}

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float, /) -> None:
        self.now += seconds
        self.slept.append(seconds)
        for moment in [moment for moment in self.events if moment <= self.now]:
            self.events.pop(moment)()
