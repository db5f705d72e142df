# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long waiting takes, and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Callable

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.waiting import wait_until
from fakes.clock import FakeClock


def counter() -> Callable[[], int]:
    """Looks that give 1, 2, 3 and so on."""
    numbers: Iterator[int] = iter(range(1, 1000))
    return lambda: next(numbers)


def wait_for(number: int, clock: FakeClock, timeout: float = 10.0, interval: float = 2.0) -> int:
    """The number that the last look gave."""
    return wait_until(lambda seen: seen >= number, counter(), timeout=timeout, interval=interval, clock=clock)


def test_what_is_done_already_takes_no_time() -> None:
    clock = FakeClock(5.0)
    assert wait_for(1, clock) == 1
    assert clock.slept == []


def test_the_first_look_that_is_done_ends_the_waiting() -> None:
    clock = FakeClock(5.0)
    assert wait_for(4, clock) == 4
    assert clock.slept == [2.0, 2.0, 2.0]


@pytest.mark.parametrize(
    ("timeout", "interval", "looks"),
    [
        (10.0, 2.0, 6),  # the last one when the time is just over
        (9.0, 2.0, 6),
        (1.0, 2.0, 2),
        (0.0, 2.0, 1),
        (-1.0, 2.0, 1),
    ],
)
def test_what_is_never_done_is_looked_at_until_the_time_is_over(
    timeout: float, interval: float, looks: int
) -> None:
    clock = FakeClock()
    assert wait_for(1000, clock, timeout, interval) == looks
    assert clock.slept == [interval] * (looks - 1)


def test_slow_looks_use_up_the_time_too() -> None:
    clock = FakeClock()
    number = counter()

    def look() -> int:
        clock.now += 4.0
        return number()

    assert wait_until(lambda seen: False, look, timeout=10.0, interval=1.0, clock=clock) == 3
    assert clock.now == 14.0


def test_something_that_happens_meanwhile_is_seen() -> None:
    clock = FakeClock()
    seen: list[str] = []
    clock.events = {3.0: lambda: seen.append("up")}
    assert wait_until(bool, lambda: list(seen), timeout=10.0, interval=1.0, clock=clock) == ["up"]
    assert clock.now == 3.0


def test_an_error_ends_the_waiting() -> None:
    def look() -> int:
        raise CollectionError("start", "unit", "api", "it failed", "See its log")

    clock = FakeClock()
    with pytest.raises(CollectionError, match="Cannot start unit api"):
        wait_until(bool, look, timeout=10.0, interval=1.0, clock=clock)
    assert clock.slept == []


def test_the_clock_of_the_host_is_the_default() -> None:
    begun = time.monotonic()
    assert wait_until(lambda seen: seen >= 2, counter(), timeout=5.0, interval=0.01) == 2
    assert 0.01 <= time.monotonic() - begun < 5.0


@pytest.mark.parametrize(
    ("changes_until", "ended"),
    [
        (0.0, 20.0),  # it stands still: the time is over
        (12.0, 20.0),
        (18.0, 23.0),  # what changed shortly before gets a quarter of the time more
        (30.0, 35.0),
        (1000.0, 60.0),  # for ever is too long
    ],
)
def test_what_still_changes_gets_more_time(changes_until: float, ended: float) -> None:
    clock = FakeClock()
    seen = wait_until(
        lambda seen: False,
        lambda: min(clock.now, changes_until),
        timeout=20.0,
        interval=1.0,
        clock=clock,
        trace=lambda seen: seen,
    )
    assert (seen, clock.now) == (min(changes_until, ended), ended)


def test_a_slow_one_that_comes_is_no_failure() -> None:
    clock = FakeClock()
    seen = wait_until(
        lambda seen: seen >= 33,
        lambda: clock.now,
        timeout=20.0,
        interval=1.0,
        clock=clock,
        trace=lambda seen: seen,
    )
    assert seen == 33
