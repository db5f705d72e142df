# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many tasks site.yml runs on a host: each costs every host of every site."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

# With the promise: at most 20 tasks on a compute host and 70 on a controller, skipped ones included.
# The check's second task and the build of wheels run on the first controller alone, and what is known of all compute
# hosts is noted by the first of them.
COMPUTE_HOST = {
    "Check hosts and inventory": 1,
    "Install packages": 4,
    "Deploy the compute hosts": 13,
    "Exchange migration keys between compute hosts": 2,
}
CONTROLLER = {
    "Check hosts and inventory": 2,
    "Install packages": 5,
    "Deploy the infrastructure": 14,
    "Deploy the services that Nova needs": 32,
    "Deploy Nova's control services": 10,
    "Discover the compute hosts": 2,
}
# These are empty where there is one controller, and one cell.
OF_SEVERAL = {
    "Cluster the controllers",
    "Synchronize Keystone's keys between controllers",
    "Deploy the controllers of additional cells",
}
PLAY = re.compile(r"^  play #\d+ \([^)]*\): (?P<name>.+?)\tTAGS: ", re.MULTILINE)
TASK = re.compile(r"^ {6}(?P<name>.+)\tTAGS: ", re.MULTILINE)


@pytest.fixture(scope="module")
def plays() -> dict[str, list[str]]:
    """The tasks of each play as Ansible lists them; a dynamic inclusion would hide some."""
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "-i", "localhost,", "stackwright.nova.site", "--list-tasks"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        text=True,
        check=True,
    )
    parts = PLAY.split(done.stdout)[1:]
    return {name: TASK.findall(tasks) for name, tasks in zip(parts[::2], parts[1::2])}


def ran(tasks: list[str]) -> list[str]:
    """Without the repeated descriptions of the cloud: Ansible lists them for each role, but runs them once a play."""
    cloud = [task for task in tasks if task.startswith("stackwright.nova.cloud : ")]
    return sorted(set(cloud)) + [task for task in tasks if task not in cloud]


def test_the_plays_are_those_that_are_counted(plays: dict[str, list[str]]) -> None:
    assert set(plays) == set(COMPUTE_HOST) | set(CONTROLLER) | OF_SEVERAL


@pytest.mark.parametrize("bounds", [COMPUTE_HOST, CONTROLLER], ids=["compute host", "controller"])
def test_a_host_runs_few_tasks(plays: dict[str, list[str]], bounds: dict[str, int]) -> None:
    counts = {name: len(ran(plays[name])) for name in bounds}
    if bounds is COMPUTE_HOST:
        counts["Check hosts and inventory"] -= 1
        counts["Install packages"] -= 1
        counts["Exchange migration keys between compute hosts"] -= 1
    assert all(counts[name] <= bound for name, bound in bounds.items()), counts
    assert sum(bounds.values()) <= (20 if bounds is COMPUTE_HOST else 70)


def test_nothing_is_included_dynamically(plays: dict[str, list[str]]) -> None:
    assert not [task for tasks in plays.values() for task in tasks if "include" in task]


def test_the_cloud_is_described_once_a_play(plays: dict[str, list[str]]) -> None:
    for name, tasks in plays.items():
        described = {task for task in tasks if task.startswith("stackwright.nova.cloud : ")}
        assert len(described) == (2 if name == "Check hosts and inventory" else 1), name
    assert not [task for task in plays["Check hosts and inventory"] if "Describe" in task]
