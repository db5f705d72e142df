#!/usr/bin/env python3
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""41 options of a controller's nova.conf: one nova_conf_ini call against 41 ini_file calls, in the same run.

    .venv/bin/python tests/bench/conf/run.py [--inventory FILE] [--hosts PATTERN] [--rounds N]

Prints a Markdown table of the tasks' own times (the best of N rounds), for a first write and for a run that
changes nothing. Needs nova-common on the host, community.general and ansible.posix on the control node.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

HERE = Path(__file__).parent
WAYS = {"nova_conf_ini": "One call", "ini_file": "One call an option"}


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inventory", default="inventories/local/hosts.yml")
    parser.add_argument("--hosts", default="controller")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    best: dict[tuple[str, bool], float] = {}
    for _round in range(arguments.rounds):
        for first in (True, False):
            for way, task in WAYS.items():
                seconds = measured(arguments.inventory, arguments.hosts, way, task, first)
                best[way, first] = min(seconds, best.get((way, first), seconds))
    print("| | nova_conf_ini | 41 x ini_file | ratio |\n| --- | ---: | ---: | ---: |")
    for first in (True, False):
        ours, theirs = best["nova_conf_ini", first], best["ini_file", first]
        what = "first write" if first else "nothing to change"
        print(f"| nova.conf, 41 options, {what} | {ours:.2f} s | {theirs:.2f} s | {ours / theirs:.3f} |")
    return 0


def measured(inventory: str, hosts: str, way: str, task: str, first: bool) -> float:
    """The seconds that the task took."""
    variables = json.dumps({"bench_way": way, "bench_first": first, "bench_hosts": hosts})
    environment = {
        **os.environ,
        "ANSIBLE_STDOUT_CALLBACK": "ansible.posix.json",
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
    }
    ansible = Path(sys.executable).parent / "ansible-playbook"
    done = subprocess.run(
        [ansible, "-i", inventory, HERE / "playbook.yml", "-e", variables],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    tasks = json.loads(done.stdout[done.stdout.index("{") :])["plays"][0]["tasks"]
    (duration,) = (entry["task"]["duration"] for entry in tasks if entry["task"]["name"] == task)
    return (
        datetime.fromisoformat(duration["end"]) - datetime.fromisoformat(duration["start"])
    ).total_seconds()


if __name__ == "__main__":
    sys.exit(main())
