# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a gap and as harm in the test that takes controllers away."""

from __future__ import annotations

from ha.measured import Attempt, Boot, Result, longest_gap

GOOD = [Attempt(float(second), second + 0.2) for second in range(5)]
LATE = [*GOOD[:2], Attempt(2.0, 7.0, "timed out"), Attempt(7.0, 12.0, "timed out"), Attempt(12.0, 18.0)]


def booted(status: str, **other: str) -> Boot:
    boot = Boot("ha-0", 0.0, **{"id": "1", **other})
    boot.seen(status, "No valid host", 3.0)
    return boot


def test_a_gap_is_the_time_from_one_answer_to_the_next() -> None:
    assert round(longest_gap(GOOD, 0.0, 5.0), 1) == 1.0
    assert round(longest_gap(LATE, 0.0, 18.0), 1) == 16.8
    # Nothing came any more until the end.
    assert round(longest_gap(LATE[:4], 0.0, 18.0), 1) == 16.8
    assert longest_gap([], 0.0, 30.0) == 30.0


def test_all_is_well_where_all_was_answered() -> None:
    result = Result("Nothing", GOOD, [booted("ACTIVE")], 0.0, 5.0, 1.0, 0.4, may_fail=False)
    assert list(result.broken()) == []
    assert result.row() == ["Nothing", "5", "0", "1.0", "1", "1", "0", "0", "0.4", "1"]


def test_each_promise_can_be_broken() -> None:
    refused = Boot("ha-1", 0.0, refused="503 from 8774")
    boots = [booted("ERROR"), booted("BUILD"), refused]
    result = Result("Loss", LATE, boots, 0.0, 18.0, None, 15.3, may_fail=False, problems=["it moved"])
    assert list(result.broken()) == [
        "Loss: no answer for 16.8 s, and 15 s are promised",
        "Loss: an instance did not answer for 15.3 s, and 15 s are promised",
        "Loss: 2 requests failed (timed out), and none is to fail",
        "Loss: 1 instances were refused (503 from 8774), and none is to be",
        "Loss: the API took instance ha-0, and it is ERROR: No valid host",
        "Loss: the API took instance ha-0, and it is BUILD: No valid host",
        "Loss: what was lost has not come back without help",
        "Loss: it moved",
    ]
    assert result.row() == ["Loss", "5", "2", "16.8", "3", "0", "2", "1", "15.3", "never"]


def test_what_was_refused_is_no_harm_where_requests_may_fail() -> None:
    refused = Boot("ha-1", 0.0, refused="503 from 8774")
    assert refused.is_over
    assert list(Result("Loss", GOOD, [refused], 0.0, 5.0, 9.0, 8.0).broken()) == []
