# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a run with nothing to change, and the CPU time of what a playbook starts."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bench import playbook

OUTPUT = """
PLAY [Compute hosts] ****
ok: [compute1]
PLAY RECAP *********************************************************************
compute1                   : ok=12   changed=0    unreachable=0    failed=0    skipped=8    rescued=0    ignored=0
controller1                : ok=40   changed=0    unreachable=0    failed=0    skipped=30   rescued=0    ignored=1
"""
HOSTS = ("compute1", "controller1")


def run(output: str = OUTPUT) -> playbook.Run:
    return playbook.Run(1.0, 1.0, playbook.recap(output))


def test_the_recap_is_read_host_by_host() -> None:
    recap = playbook.recap(OUTPUT)
    assert set(recap) == set(HOSTS)
    assert recap["controller1"]["ok"] == 40
    assert recap["controller1"]["ignored"] == 1


def test_skipped_tasks_count() -> None:
    assert [run().tasks(host) for host in HOSTS] == [20, 70]


def test_a_run_without_a_change_over_all_hosts_counts() -> None:
    assert run().check_unchanged(HOSTS) == run()


@pytest.mark.parametrize("what", ["changed", "unreachable", "failed", "rescued"])
def test_a_run_that_changed_or_failed_does_not_count(what: str) -> None:
    with pytest.raises(SystemExit, match=r"it changed or missed \['compute1'\]"):
        run(OUTPUT.replace(f"{what}=0", f"{what}=1", 1)).check_unchanged(HOSTS)


def test_a_run_that_did_nothing_on_a_host_does_not_count() -> None:
    with pytest.raises(SystemExit, match="compute1"):
        run(OUTPUT.replace("ok=12", "ok=0")).check_unchanged(HOSTS)


@pytest.mark.parametrize("hosts", [HOSTS[:1], (*HOSTS, "compute2")])
def test_a_run_over_other_hosts_does_not_count(hosts: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit, match="it changed or missed"):
        run().check_unchanged(hosts)


def test_no_recap_is_no_run() -> None:
    with pytest.raises(SystemExit):
        run("").check_unchanged(HOSTS)


def program(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "ansible-playbook"
    path.write_text(f"#!{sys.executable}\n{text}")
    path.chmod(0o755)
    return path


def test_the_cpu_time_of_grandchildren_counts_and_waiting_does_not(tmp_path: Path) -> None:
    burn = "import time; end = time.process_time() + 0.4\\nwhile time.process_time() < end: pass"
    text = (
        f"import subprocess, sys, time\nsubprocess.run([sys.executable, '-c', '{burn}'])\ntime.sleep(0.4)\n"
    )
    measured = playbook.play(program(tmp_path, text), "any")
    assert 0.4 <= measured.cpu < 0.75
    assert measured.seconds > 0.75


def test_a_playbook_that_fails_ends_the_measurement(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"(?s)Cannot measure any: it failed, see .*no such host"):
        playbook.play(program(tmp_path, "print('no such host')\nraise SystemExit(2)\n"), "any")
