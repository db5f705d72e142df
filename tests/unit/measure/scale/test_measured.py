# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from the readings, and when a promise is broken."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest
from scale import measured
from scale.measured import Line, PlayRun, Reading, Size, Sizes, Span

APIS = ("keystone", "nova", "placement", "neutron", "glance")
IDLE, EACH = 10, 4


def reading(minute: float, requests: Mapping[str, int], hosts: int = 0, age: int = 0) -> Reading:
    return Reading(
        taken=minute * 60,
        memory={"Nova": 1000.0 + 2 * hosts, "others": 100.0},
        cpu={"Nova": 10.0 * minute},
        queue={"connections": 40 + 3 * hosts, "channels": 40, "queues": 70 + 5 * hosts, "messages": 100},
        database={
            "Threads_connected": 40,
            "Max_used_connections": 50,
            "Questions": 1000,
            "Innodb_buffer_pool_bytes_data": 2**25,
        },
        ages=[age] * hosts,
        requests={api: {"read": requests.get(api, 0), "token": 0, "write": 0} for api in APIS},
    )


def rest(hosts: int) -> Span:
    """Two minutes in which Placement is asked as often as it always is."""
    asked = 2 * (IDLE + EACH * hosts)
    return Span(reading(0, {}, hosts), reading(2, {"placement": asked}, hosts, 600))


def one(hosts: int, *, enlisting: float = 7, again: float = 3, cpu: float = 0.0) -> Size:
    """So many requests for each host; it was known for the last of five minutes."""
    run = PlayRun(100.0, 50.0, 400.0, {"compute": 18, "controller": 61})
    asked = round(enlisting * hosts) + 5 * IDLE + EACH * hosts
    asked_again = round(again * hosts) + IDLE + EACH * hosts
    return Size(
        hosts,
        "today, abc",
        rest(hosts),
        run,
        Span(reading(0, {}), reading(5, {"placement": asked}, hosts, 60)),
        1,
        replace(run, cpu=cpu or 10.0 + 1.4 * hosts),
        Span(reading(0, {}, hosts), reading(1, {"placement": asked_again}, hosts, 600)),
        connections=(hosts, 2.0 * hosts),
        pace=1.0,
    )


NONE = Size(0, "today, abc", rest(0))


def with_written(size: Size, number: int) -> Size:
    assert size.enlisted
    last = size.enlisted.last
    requests = {**last.requests, "keystone": {"read": 0, "token": 0, "write": number}}
    return replace(size, enlisted=replace(size.enlisted, last=replace(last, requests=requests)))


def test_what_hosts_ask_at_rest_is_no_part_of_a_run() -> None:
    sizes = Sizes([NONE, one(5)])
    assert sizes.enlisting_requests(sizes.some[0], "placement") == pytest.approx(35)
    assert sizes.again_requests(sizes.some[0], "placement") == pytest.approx(15)
    assert sizes.enlisting_requests(sizes.some[0], "nova") == 0


def test_all_promises_can_be_kept() -> None:
    assert list(Sizes([one(20), NONE, one(1), one(5)]).broken()) == []


@pytest.mark.parametrize(
    ("break_it", "sentence"),
    [
        (lambda size: replace(size, discoveries=2), "20 hosts: 2 discoveries, and one is promised"),
        (lambda size: replace(size, discoveries=0), "20 hosts: 0 discoveries, and one is promised"),
        (lambda size: with_written(size, 3), "20 hosts: 3 changes in Keystone, and none is promised"),
        (
            lambda size: one(20, enlisting=15),
            "enlisting, requests to Placement: 17.7 for each host from 5 to 20, and 7.0 from 1 to 5; "
            "they may not grow faster than the hosts",
        ),
        (
            lambda size: one(20, again=8),
            "nothing to change, requests to Placement: 9.7 for each host from 5 to 20, and 3.0 from 1 to 5; "
            "they may not grow faster than the hosts",
        ),
        (
            lambda size: one(20, cpu=41.0),
            "CPU seconds of the control node for each added compute host (20 against 1: 41 and 11): 1.6 (at most: 1.5) "
            "BROKEN",
        ),
        (
            lambda size: replace(size, again=replace(size.again, tasks={"compute": 21, "controller": 70})),
            "tasks on a compute host, 20 of them: 21 (at most: 20) BROKEN",
        ),
        (
            lambda size: replace(size, enlisted=one(19).enlisted),
            "20 hosts: Nova knows 19 of them",
        ),
    ],
)
def test_each_promise_can_be_broken(break_it: Callable[[Size], Size], sentence: str) -> None:
    assert sentence in list(Sizes([NONE, one(1), one(5), break_it(one(20))]).broken())


def test_seconds_of_cpu_go_by_the_pace_of_the_machine() -> None:
    slow = replace(one(20, cpu=60.0), pace=2.0)
    row = Sizes([one(1), slow]).cpu_row()
    assert row and row.most == 3.0 and not row.broken


def test_one_number_of_hosts_promises_no_growth() -> None:
    sizes = Sizes([one(5)])
    assert sizes.cpu_row() is None
    assert list(sizes.broken()) == []
    assert "| seconds, the hosts' own work included | 100 |  |  |" in sizes.lines()


def test_what_is_kept_is_what_was_measured() -> None:
    for size in (NONE, one(5)):
        kept: dict[str, Any] = json.loads(json.dumps(asdict(size)))
        assert measured.size(kept) == size


def test_the_tables_have_a_column_for_each_number_and_one_for_each_further_host() -> None:
    lines = Sizes([NONE, one(1), one(5)]).lines()
    assert lines[0] == "- All promises were kept."
    assert (
        "| what the controller holds | no host | 1 host | 5 hosts | each additional host | 1,000 hosts |"
        in lines
    )
    assert "| connections to RabbitMQ | 40 | 43 | 55 | 3.00 | 3,040 |" in lines
    assert "| requests to Placement | 10.0 | 14.0 | 30.0 | 4.00 | 4,010 |" in lines
    assert "| date and commit | today, abc | today, abc | today, abc |" in lines


def test_many_hosts_go_on_as_the_first_did() -> None:
    assert Line("a", [None, 10.0, 40.0]).further([1, 5, 20]) == ["2.00", "2,000"]
    assert Line("a", [None, 10.0]).further([1, 5]) == ["", ""]
    assert Line("a", [10.0, 40.0], grows=False).further([5, 20]) == ["", ""]
    assert Line("a", ["today", None, 1234.56], 1).cells() == ["today", "", "1,234.6"]
