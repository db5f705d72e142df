# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run says while it waits, by a real ansible-playbook process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._progress import Progress

ROOT = Path(__file__).parents[3]
SLOW = {"name": "Start the service", "ansible.builtin.command": "sleep {{ seconds }}", "changed_when": False}
QUICK = {"name": "Look", "ansible.builtin.debug": {"msg": "x"}}
FOR_PROGRAMS = """
import json
from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "programs"

    def v2_playbook_on_stats(self, stats):
        print(json.dumps(sorted(stats.processed)))
"""
PLAYS = [{"name": "Work", "hosts": "one,two", "gather_facts": False, "tasks": [QUICK, SLOW, QUICK]}]


def run(tmp_path: Path, interval: float, **environment: str) -> subprocess.CompletedProcess[str]:
    (tmp_path / "work.yml").write_text(json.dumps(PLAYS))
    (tmp_path / "hosts.ini").write_text(
        "one seconds=3\ntwo seconds=0\n[all:vars]\nansible_connection=local\n"
    )
    program = Path(sys.executable).with_name("ansible-playbook")
    interpreter = f"ansible_python_interpreter={sys.executable}"
    return subprocess.run(
        [program, "-i", tmp_path / "hosts.ini", tmp_path / "work.yml", "-e", interpreter],
        cwd=ROOT,
        env={
            **os.environ,
            "ANSIBLE_CALLBACKS_ENABLED": "stackwright.nova.progress",
            "STACKWRIGHT_PROGRESS_INTERVAL": str(interval),
            **environment,
        },
        capture_output=True,
        text=True,
        check=True,
    )


def waits(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("Wait for")]


def test_a_long_task_is_told_while_it_runs_and_where(tmp_path: Path) -> None:
    done = run(tmp_path, 1)
    told = [line for line in waits(done.stderr) if "Start the service on" in line]
    assert told
    assert told[-1].rpartition(":")[0] in (
        "Wait for Start the service on one",
        "Wait for Start the service on one, two",
    )
    assert waits(done.stdout) == []


def test_a_quick_run_says_nothing_and_ends_at_once(tmp_path: Path) -> None:
    assert waits(run(tmp_path, 600).stderr) == []


def test_output_for_programs_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "programs.py").write_text(FOR_PROGRAMS)
    chosen = {"ANSIBLE_CALLBACK_PLUGINS": str(tmp_path), "ANSIBLE_STDOUT_CALLBACK": "programs"}
    done = run(tmp_path, 0.2, **chosen)
    assert waits(done.stderr) == []
    assert json.loads(done.stdout) == ["one", "two"]


def test_what_runs_too_short_is_not_told() -> None:
    progress = Progress()
    progress.begin("one", "nova", "Install", 100.0)
    assert progress.lines(114.9, 15) == []
    assert progress.lines(145.5, 15) == ["Wait for nova: Install on one: 45 s"]


def test_hosts_at_one_task_share_a_line_with_the_longest_time() -> None:
    progress = Progress()
    for number in range(6):
        progress.begin(f"compute{number}", "", "Install", float(number))
    progress.begin("controller1", "", "Sync", 50.0)
    assert progress.lines(100.0, 15) == [
        "Wait for Install on compute0, compute1, compute2, compute3 and 2 more: 1 min 40 s",
        "Wait for Sync on controller1: 50 s",
    ]


@pytest.mark.parametrize("again", [False, True])
def test_what_is_over_is_waited_for_no_more(again: bool) -> None:
    progress = Progress()
    progress.begin("one", "", "Install", 0.0)
    if again:
        progress.begin("one", "", "Start", 30.0)
    else:
        progress.end("one")
    assert progress.lines(40.0, 15) == []
    progress.end("never seen")
