"""What two states of a cloud differ in."""

from __future__ import annotations

import pytest
from chaos import state


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({"h files": {"/etc/a": "x"}}, {"h files": {"/etc/a": "x"}}, []),
        ({"h files": {"/etc/a": "x"}}, {"h files": {"/etc/a": "y"}}, ["h files: /etc/a: x became y"]),
        ({"h files": {"/etc/a": "x"}}, {"h files": {}}, ["h files: /etc/a: x became None"]),
        (
            {"h databases": {"nova.cells": ["a", "b", "b"]}},
            {"h databases": {"nova.cells": ["a", "b", "c"]}},
            ["h databases: nova.cells: without ['b'], in addition ['c']"],
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
