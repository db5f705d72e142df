# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof as a table, and results as its parts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.filter.proof import proof_parts, proof_table


def part(**fields: Any) -> dict[str, Any]:
    return {
        "part": "catalog",
        "subject": "",
        "state": "proven",
        "detail": "complete",
        "seconds": 0.42,
        "evidence": [],
        "remedy": "",
        **fields,
    }


def test_a_table_that_a_person_can_read() -> None:
    parts = [
        part(),
        part(
            part="instance",
            subject="compute1",
            state="missing",
            detail="ERROR",
            seconds=12.0,
            evidence=["Traceback", "  in spawn"],
            remedy="Look into the log",
        ),
    ]
    assert proof_table(parts) == [
        "PART      ON        RESULT   SECONDS  WHAT WAS SEEN",
        "catalog   -         proven       0.4  complete",
        "instance  compute1  missing     12.0  ERROR",
        "    | Traceback",
        "    |   in spawn",
        "    > Look into the log",
    ]


def test_a_table_of_nothing() -> None:
    assert proof_table([]) == ["PART  ON  RESULT  SECONDS  WHAT WAS SEEN"]


@pytest.mark.parametrize(
    ("result", "state", "detail"),
    [
        ({"parts": [part(detail="kept")], "failed": True, "msg": "x"}, "proven", "kept"),
        (
            {"healthy": True, "services": [{}, {}], "computes": [{}]},
            "proven",
            "2 services up; 1 computes mapped to a cell and known to Placement",
        ),
        (
            {"msg": "Cannot read x: refused. Start it.", "code": "unreachable"},
            "missing",
            "Cannot read x: refused. Start it.",
        ),
        ({"healthy": False, "msg": "Cannot prove"}, "missing", "Cannot prove"),
        ({}, "missing", "no result"),
    ],
)
def test_parts_of_a_result(result: dict[str, Any], state: str, detail: str) -> None:
    (found,) = proof_parts(result, "services")
    assert (found["state"], found["detail"]) == (state, detail)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"msg": "refused", "code": "unreachable"}, "skipped"),
        ({"msg": "wrong password", "code": "http_401"}, "missing"),
        (
            {"healthy": False, "services": [], "missing": ["nova-compute on c1 has not registered itself."]},
            "skipped",
        ),
        ({"healthy": False, "services": [{}], "missing": ["nova-compute on c1 is down."]}, "missing"),
    ],
)
def test_check_mode_expects_no_cloud_but_a_working_one(result: dict[str, Any], state: str) -> None:
    (found,) = proof_parts(result, "services", expect_cloud=False)
    assert found["state"] == state
    assert result.get("msg", "nova-compute on c1") in found["detail"]
