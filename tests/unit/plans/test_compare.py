# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from plans import compare

_UNITS = {
    "kind": "service_units",
    "units": [{"name": "a", "watch": ["/etc/a"]}, {"name": "b"}],
    "timeout": 180,
}
_FILES = {"kind": "files", "files": [{"path": "/etc/a", "options": {"DEFAULT": {"port": 1}}}], "mode": "0640"}


def _found(*now: dict[str, Any]) -> list[str]:
    return compare.differences({"one": [_FILES, _UNITS]}, {"one": list(now)})


def test_the_same_is_no_difference() -> None:
    assert _found(dict(reversed(_FILES.items())), _UNITS) == []


@pytest.mark.parametrize(
    ("files", "units", "line"),
    [
        (
            {**_FILES, "files": [{"path": "/etc/a", "options": {"DEFAULT": {"port": 2}}}]},
            _UNITS,
            "one: files /etc/a: files[/etc/a]/options/DEFAULT/port: 1 -> 2",
        ),
        ({"kind": "files", "files": _FILES["files"]}, _UNITS, 'one: files /etc/a: mode: "0640" -> (none)'),
        (_FILES, {**_UNITS, "hosts_at_a_time": 1}, "one: service_units a: hosts_at_a_time: (none) -> 1"),
    ],
)
def test_a_value_that_differs(files: dict[str, Any], units: dict[str, Any], line: str) -> None:
    assert _found(files, units) == [line]


def test_the_order_of_units_counts() -> None:
    units = {**_UNITS, "units": [{"name": "a", "watch": ["/etc/a"]}, {"name": "c"}, {"name": "b"}]}
    assert 'one: service_units a: units (order): "a, b" -> "a, c, b"' in _found(_FILES, units)


def test_the_order_of_effects_counts() -> None:
    assert len(_found(_UNITS, _FILES)) == 2


def test_what_is_gone_and_what_is_new() -> None:
    assert _found(_FILES) == ["one: - service_units a: is not done any more (at 2)"]
    assert _found(_FILES, _UNITS, {"kind": "hw_accel_fact"}) == ["one: + hw_accel_fact: is new (at 3)"]


def test_a_host_that_is_gone() -> None:
    assert len(compare.differences({"one": [_FILES, _UNITS]}, {})) == 2


def test_services_by_name_give_no_title() -> None:
    assert compare.title({"kind": "cloud_proof", "services": {"nova": "compute"}}) == "cloud_proof"


def test_items_of_the_same_name_are_told_apart() -> None:
    lines = {"kind": "files", "lines": [{"path": "a", "line": "1"}, {"path": "a", "line": "2"}]}
    changed = {"kind": "files", "lines": [{"path": "a", "line": "1"}, {"path": "a", "line": "3"}]}
    found = compare.differences({"one": [lines]}, {"one": [changed]})
    assert found == ['one: files a: lines[a#2]/line: "2" -> "3"']
