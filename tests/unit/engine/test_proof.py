# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a proof, and the error that they become where one is missing."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.proof import (
    MISSING,
    PROVEN,
    SKIPPED,
    Part,
    require_proven,
)

PROVEN_PART = Part("roof", PROVEN, "tight", seconds=1.26, evidence=("dry",))
SKIPPED_PART = Part("cellar", SKIPPED, "not asked for")


def test_a_part_as_modules_return_it() -> None:
    assert PROVEN_PART.as_dict() == {
        "part": "roof",
        "state": "proven",
        "detail": "tight",
        "subject": "",
        "seconds": 1.3,
        "evidence": ["dry"],
        "remedy": "",
    }


def test_an_error_becomes_a_missing_part() -> None:
    error = CollectionError("open", "door", "north", "it is stuck", "Oil it")
    part = Part.from_error("door", error, subject="house1", seconds=2.0)
    assert part == Part(
        "door", MISSING, "Cannot open door north: it is stuck", "house1", 2.0, remedy="Oil it"
    )
    assert part.title == "door on house1"


def test_lines_that_an_error_has_seen_are_the_evidence() -> None:
    error = CollectionError("open", "door", "north", "it is stuck", "Oil it", evidence=["creak", "crack"])
    assert Part.from_error("door", error).evidence == ("creak", "crack")


def test_what_is_proven_or_skipped_is_enough() -> None:
    require_proven("house", "red", [PROVEN_PART, SKIPPED_PART])


def test_every_missing_part_is_named_and_the_first_one_has_the_remedy() -> None:
    parts = [
        PROVEN_PART,
        Part("door", MISSING, "stuck", "house1", remedy="Oil it"),
        Part("wall", MISSING, "wet", remedy="Dry it"),
    ]
    with pytest.raises(CollectionError) as caught:
        require_proven("house", "red", parts, rooms=4)
    assert str(caught.value) == "Cannot prove house red: door on house1: stuck; wall: wet. Oil it."
    assert caught.value.code == "unproven"
    assert caught.value.details == {"proven": False, "parts": [part.as_dict() for part in parts], "rooms": 4}
