# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each compute host costs the control node where nothing is to change: a cloud with many of them beside one.

The hosts have a lab of their own and run on this machine too, so only the CPU time of ansible-playbook and of what
it starts is counted, not the time on the clock.
"""

from __future__ import annotations

import os
import subprocess

from .pace import Pace, measured_pace
from .playbook import HOSTS, OURS, ROOT, Run, play
from .report import Row

LAB = "scale"
# A machine with less memory measures fewer: each takes 0.5 GB, the controller 3.2 GB.
COMPUTES = int(os.environ.get("BENCH_COMPUTES", "20"))
CONTROLLER = "controller1"
VARIABLES = ROOT / "tests/bench/many_hosts.yml"
# CPU seconds of the control node for each added compute host (see pace.py).
CPU_SECONDS = 1.5
COMPUTE_TASKS, CONTROLLER_TASKS = 20, 70
RUNS = 2
# systemd gives Nova Compute 90 s to start, too few for all of them at once on the cores of one machine.
STARTED_AT_ONCE = 4


def measure() -> list[Row]:
    """Deploy a cloud with many compute hosts, run site.yml again over all, then over one of them alone."""
    computes = [f"compute{number}" for number in range(1, COMPUTES + 1)]
    try:
        subprocess.run([HOSTS, "up", LAB, CONTROLLER, *computes, "--baked"], check=True)
        deployed = _site(computes, "--forks", str(STARTED_AT_ONCE))
        print(f"{COMPUTES} compute hosts deployed in {deployed.seconds:.0f} s", flush=True)
        many = _again(computes)
        # The one that is left forgets the others.
        _site(computes[:1])
        one = _again(computes[:1])
        pace = measured_pace(*_inventories(computes[:1]))
    finally:
        if os.environ.get("KEEP") != "1":
            subprocess.run([HOSTS, "down", LAB], check=True)
    return rows(one, many, pace)


def rows(one: Run, many: Run, pace: Pace) -> list[Row]:
    """The numbers that follow from the two runs, at the pace of the machine."""
    added = len(many.recap) - len(one.recap)
    most_tasks = max(many.tasks(host) for host in many.recap if host != CONTROLLER)
    return [
        Row(
            f"CPU seconds of the control node for each added compute host ({added + 1} against 1: "
            f"{many.cpu:.0f} and {one.cpu:.0f})",
            (many.cpu - one.cpu) / added,
            CPU_SECONDS,
        ).at_pace(pace.factor),
        Row("tasks on a compute host", most_tasks, COMPUTE_TASKS, decimals=0),
        Row("tasks on a controller", many.tasks(CONTROLLER), CONTROLLER_TASKS, decimals=0),
    ]


def _again(computes: list[str]) -> Run:
    """The cheapest run with nothing to change: what counts is the work, not the noise."""
    runs = [_site(computes).check_unchanged([CONTROLLER, *computes]) for _turn in range(RUNS)]
    return min(runs, key=lambda run: run.cpu)


def _site(computes: list[str], *options: str) -> Run:
    """site.yml over an inventory that has these compute hosts and no others, without --limit."""
    return play(OURS, "stackwright.nova.site", *_inventories(computes), *options)


def _inventories(computes: list[str]) -> list[str]:
    inventory = ROOT / f".cache/bench/{LAB}-{len(computes)}.yml"
    inventory.parent.mkdir(parents=True, exist_ok=True)
    listing = [HOSTS, "inventory", LAB, CONTROLLER, *computes]
    inventory.write_text(subprocess.run(listing, capture_output=True, text=True, check=True).stdout)
    return ["--inventory", str(inventory), "--inventory", str(VARIABLES)]
