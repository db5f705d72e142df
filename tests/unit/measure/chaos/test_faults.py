# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a fault comes, and results, which are kept one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from chaos import faults
from watched.runs import LabError, TaskRecord

FIRST, SECOND = faults.Fault("A", "Write", "", ""), faults.Fault("A", "Start", "", "")


def test_a_table_needs_all_faults_and_takes_the_newest_result(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    faults.record(faults.Result(FIRST, 3.4, "Cannot write."), path)
    assert faults.rows(path, [FIRST, SECOND]) == []
    faults.record(faults.Result(SECOND, 1, ""), path)
    faults.record(faults.Result(FIRST, 4.6, "Cannot write."), path)
    rows = faults.rows(path, [FIRST, SECOND])
    assert [row[:4] for row in rows] == [
        ["A", "Write", "5", "Cannot write."],
        ["A", "Start", "1", "it did without"],
    ]
    assert all(row[4] for row in rows)


def test_no_two_faults_are_taken_for_one() -> None:
    assert len({fault.key for fault in faults.FAULTS}) == len(faults.FAULTS)


def test_a_fault_finds_its_task_by_name_and_group() -> None:
    records = [TaskRecord(n, f"role : {name}", "", 0) for n, name in enumerate(("A", "B", "A"), 1)]
    assert faults._number(faults.Fault("f", "A", "", ""), records) == 1
    assert faults._number(faults.Fault("f", "compute1/A", "", ""), records) == 3
    with pytest.raises(LabError, match="no task C"):
        faults._number(faults.Fault("f", "C", "", ""), records)
