# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of a run, as a real ansible-playbook process makes and reads it."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.filter.proof import drift
from ansible_collections.stackwright.nova.plugins.plugin_utils._run_record import (
    duration,
    phases,
    record_path,
)

ROOT = Path(__file__).parents[3]
LOOKUP = "{{ lookup('stackwright.nova.run_record', 'never', 'work', check_mode=checked | bool) | to_json }}"
PLAYS = [
    {
        "name": "First",
        "hosts": "one,two",
        "gather_facts": False,
        "tasks": [
            {"name": "Change", "ansible.builtin.file": {"path": "{{ folder }}/a", "state": "touch"}},
            {"name": "Look", "ansible.builtin.debug": {"msg": "x"}},
            {"name": "Leave out", "ansible.builtin.debug": {"msg": "x"}, "when": False},
            {
                "name": "Change some",
                "ansible.builtin.debug": {"msg": "{{ item }}"},
                "loop": ["a", "b"],
                "changed_when": "item == 'b'",
            },
            {
                "name": "Hide",
                "ansible.builtin.debug": {"msg": "{{ item }}"},
                "loop": ["s3cr3t"],
                "changed_when": True,
                "no_log": True,
            },
            {
                "name": "Fail",
                "ansible.builtin.fail": {"msg": "s3cr3t"},
                "when": "inventory_hostname == 'two'",
            },
        ],
    },
    {
        "name": "Second",
        "hosts": "one",
        "gather_facts": False,
        "tasks": [
            {
                "name": "Read",
                "ansible.builtin.copy": {"content": LOOKUP, "dest": "{{ folder }}/read"},
                "check_mode": False,
            }
        ],
    },
]


def run(tmp_path: Path, *options: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    """The record in the end, the one that the second play has read, and the output."""
    (tmp_path / "work.yml").write_text(json.dumps(PLAYS))
    inventory = tmp_path / "hosts.ini"
    inventory.write_text("one\ntwo\n[all:vars]\nansible_connection=local\n")
    checked = "--check" in options
    variables = {"ansible_python_interpreter": sys.executable, "folder": str(tmp_path), "checked": checked}
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACKS_ENABLED": "stackwright.nova.run_record",
        "STACKWRIGHT_RUN_RECORDS": str(tmp_path / "runs"),
    }
    program = Path(sys.executable).with_name("ansible-playbook")
    argv = [program, "-i", inventory, tmp_path / "work.yml", "-e", json.dumps(variables), *options]
    done = subprocess.run(argv, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stdout + done.stderr
    path = record_path(str(tmp_path / "runs"), [str(inventory)], "work", checked)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return json.loads(path.read_text()), json.loads((tmp_path / "read").read_text()), done.stdout


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any], str]:
    return run(tmp_path_factory.mktemp("real"))


def test_what_changed_and_what_failed(seen: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    record = seen[0]
    changes = [(one["host"], one["task"], one["item"]) for one in record["changes"] if one["play"] == "First"]
    expected = [("Change", ""), ("Change some", "b"), ("Hide", "")]
    assert sorted(changes) == sorted((host, *change) for host in ("one", "two") for change in expected)
    assert [(one["host"], one["task"], one["status"]) for one in record["failures"]] == [
        ("two", "Fail", "failed")
    ]
    assert (record["playbook"], record["check_mode"], record["finished"]) == ("work", False, True)


def test_when_each_host_was_at_work(seen: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    record = seen[0]
    spans = {(span["play"], span["host"]): span for span in record["spans"]}
    assert set(spans) == {(0, "one"), (0, "two"), (1, "one")}
    assert (spans[0, "one"]["tasks"], spans[0, "one"]["changed"], spans[0, "one"]["failed"]) == (4, 3, 0)
    assert (spans[0, "two"]["tasks"], spans[0, "two"]["failed"]) == (5, 1)
    assert 0 <= spans[0, "one"]["start"] < spans[0, "one"]["end"] <= spans[1, "one"]["start"]
    assert spans[1, "one"]["end"] <= record["seconds"] + 0.1


def test_a_later_play_reads_what_was_done_before(seen: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    record, read, _output = seen
    assert read["changes"] == [one for one in record["changes"] if one["play"] == "First"]
    assert read["finished"] is False


def test_no_secret_is_kept(seen: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    assert "s3cr3t" not in json.dumps(seen[0])


def test_the_phases_are_told_in_the_end(seen: tuple[dict[str, Any], dict[str, Any], str]) -> None:
    lines = seen[2].partition("PHASES")[2].splitlines()
    assert [line.split()[0] for line in lines if line.strip(" *")] == ["First", "Second", "in"]


def test_a_prediction_lies_apart(tmp_path: Path) -> None:
    record, read, _output = run(tmp_path, "--check")
    assert (record["check_mode"], read["check_mode"]) == (True, True)
    assert sorted(path.name for path in (tmp_path / "runs").rglob("*.json")) == ["work-check.json"]


def test_each_inventory_has_its_folder() -> None:
    one, other = (record_path("/runs", [f"/sites/{name}/hosts.yml"], "site", False) for name in ("a", "b"))
    assert one != other
    assert one.name == "site.json"
    assert record_path("/runs", ["../../x"], "site", True).parts[:2] == ("/", "runs")
    assert len(record_path("/runs", ["x" * 500], "site", True).parts[2]) <= 120


CHANGE = {"host": "h", "play": "p", "role": "nova", "task": "Write", "item": "", "status": "changed"}


@pytest.mark.parametrize(
    ("record", "lines"),
    [
        ({}, []),
        ({"changes": [], "failures": []}, []),
        ({"changes": [{**CHANGE, "commands": ["edit f"]}]}, ["h: nova: Write", "    edit f"]),
        ({"changes": [{**CHANGE, "role": "", "item": "x", "commands": []}]}, ["h: Write (x)"]),
        (
            {"failures": [{**CHANGE, "status": "unreachable"}]},
            ["h: nova: Write: unreachable, so that nobody looked further"],
        ),
    ],
)
def test_drift_in_lines(record: dict[str, Any], lines: list[str]) -> None:
    assert drift(record) == lines


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "0.0 s"), (59.9, "59.9 s"), (60, "1 min 00 s"), (198.04, "3 min 18 s")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_phases_of_several_roles() -> None:
    span = {"play": 0, "host": "h", "start": 0.0, "end": 61.0}
    record = {
        "plays": [
            {"name": "Deploy", "start": 0.0, "end": 90.0},
            {"name": "Nothing", "start": 90.0, "end": 90.0},
        ],
        "spans": [
            {**span, "role": "nova"},
            {**span, "role": "nova", "host": "i", "end": 70.0},
            {**span, "role": "glance", "start": 70.0, "end": 72.0},
        ],
        "seconds": 90.0,
    }
    told = [" ".join(line.split()) for line in phases(record)]
    assert told == ["Deploy 1 min 30 s", "nova 1 min 10 s", "glance 2.0 s", "in all 1 min 30 s"]
