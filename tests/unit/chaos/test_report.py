"""The page of results, and what two states differ in."""

from __future__ import annotations

import pytest
from chaos import report, state

PAGE = """# Title

<!-- make chaos: cuts -->
old
<!-- end of cuts -->

Text by hand.

<!-- make chaos: faults -->
<!-- end of faults -->
"""


def test_a_part_is_replaced_and_the_rest_stays() -> None:
    page = report.merge(PAGE, "cuts", ["- new \\1."])
    assert "old" not in page
    assert "<!-- make chaos: cuts -->\n\n- new \\1.\n\n<!-- end of cuts -->\n" in page
    assert page.replace("\n- new \\1.\n\n", "old\n") == PAGE


def test_a_part_that_is_written_twice_is_there_once() -> None:
    once = report.merge(PAGE, "faults", ["- a."])
    assert report.merge(once, "faults", ["- a."]) == once


def test_a_table_keeps_pipes_out_of_its_cells() -> None:
    assert report.table(["a", "b"], [["1|2", "3"]]) == ["| a | b |", "| --- | --- |", "| 1\\|2 | 3 |"]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"h files": {"/etc/a": "x"}}, {"h files": {"/etc/a": "x"}}, []),
        ({"h files": {"/etc/a": "x"}}, {"h files": {"/etc/a": "y"}}, ["h files: /etc/a: x became y"]),
        ({"h files": {"/etc/a": "x"}}, {"h files": {}}, ["h files: /etc/a: x became None"]),
        (
            {"h databases": {"nova.cells": ["a", "b", "b"]}},
            {"h databases": {"nova.cells": ["a", "b", "c"]}},
            ["h databases: nova.cells: without ['b'], besides ['c']"],
        ),
        ({}, {"h units": {"a.service": "enabled"}}, ["h units: a.service: None became enabled"]),
    ],
)
def test_states_differ(before: state.State, after: state.State, said: list[str]) -> None:
    assert state.differences(before, after) == said


def test_things_are_counted_by_kind() -> None:
    assert state.size({"a files": {"1": "x"}, "b files": {"2": "y"}, "a databases": {"t": ["r", "s"]}}) == {
        "files": 2,
        "databases": 2,
    }
