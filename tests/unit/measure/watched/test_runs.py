"""What is known of a run from the lines that it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from watched import runs

EVENTS = [
    {"event": "task", "number": 1, "time": 10.0, "name": "a : Install", "path": "x.yml:1"},
    {"event": "ok", "number": 1, "time": 11.0, "host": "h1", "changed": True},
    {"event": "ok", "number": 1, "time": 12.0, "host": "h2", "changed": False},
    {"event": "task", "number": 2, "time": 12.5, "name": "b : Write", "path": "x.yml:5"},
    {"event": "failed", "number": 2, "time": 14.0, "host": "h1", "message": "Cannot write."},
]


@pytest.fixture
def run(tmp_path: Path) -> runs.Run:
    one = object.__new__(runs.Run)
    one.events = tmp_path / "events.jsonl"
    # The last line is half written, as a run that was killed leaves it.
    one.events.write_text("".join(json.dumps(event) + "\n" for event in EVENTS) + '{"event": "o')
    return one


def test_tasks_have_their_times_and_results(run: runs.Run) -> None:
    first, second = run.tasks()
    assert (first.number, first.seconds, first.changed) == (1, 2.5, {"h1"})
    assert (second.number, second.seconds, second.failures) == (2, 1.5, {"h1": "Cannot write."})
