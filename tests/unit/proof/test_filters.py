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


def test_nothing_is_missing_where_there_is_no_cloud_yet() -> None:
    (found,) = proof_parts({"msg": "refused", "code": "unreachable"}, "services", False)
    assert (found["state"], found["detail"]) == ("skipped", "not there yet: refused")
    (found,) = proof_parts({"msg": "wrong password", "code": "http_401"}, "services", False)
    assert found["state"] == "missing"


def test_the_services_are_the_evidence() -> None:
    result = {
        "msg": "x",
        "services": [{"binary": "nova-compute", "host": "c1", "status": "enabled", "state": "down"}],
    }
    assert proof_parts(result, "services")[0]["evidence"] == ["nova-compute c1 enabled down"]
