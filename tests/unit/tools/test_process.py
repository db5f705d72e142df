"""A remembered process is only ever that very process."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from testhosts import process


@pytest.fixture
def record(tmp_path: Path) -> Path:
    return tmp_path / "pid"


def rewrite(record: Path, **changes: object) -> None:
    record.write_text(json.dumps({**json.loads(record.read_text()), **changes}))


def test_a_running_process_is_found(record: Path) -> None:
    process.remember(record, os.getpid())
    assert process.alive(record) == os.getpid()


@pytest.mark.parametrize("change", [{"start_time": 1}, {"boot_id": "another"}, {"start_time": None}])
def test_another_process_with_the_same_pid_is_not_ours(record: Path, change: dict[str, object]) -> None:
    process.remember(record, os.getpid())
    rewrite(record, **change)
    assert process.alive(record) is None
    process.kill(record)
    assert not record.exists()


@pytest.mark.parametrize("text", ["", "12", "[]", "{}", "not json"])
def test_a_damaged_record_is_no_process(record: Path, text: str) -> None:
    record.write_text(text)
    assert process.alive(record) is None


def test_no_record_is_no_process(record: Path) -> None:
    assert process.alive(record) is None
    process.kill(record)


def test_kill_ends_the_process_and_forgets_it(record: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        process.remember(record, child.pid)
        process.kill(record)
        assert child.wait(timeout=5) < 0
    assert not record.exists()


def test_an_ended_child_that_nobody_waited_for_does_not_run(tmp_path: Path) -> None:
    (tmp_path / "7").mkdir()
    fields = ["S", *map(str, range(18)), "4711", "0"]
    stat = tmp_path / "7" / "stat"
    stat.write_text(f"7 (odd) name)) {' '.join(fields)}\n")
    assert process.start_time(7, tmp_path) == 4711
    stat.write_text(stat.read_text().replace(") S ", ") Z "))
    assert process.start_time(7, tmp_path) is None
    assert process.start_time(8, tmp_path) is None
