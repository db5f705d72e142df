# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whose memory counts: all that a run has started, also what leaves it and stays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from scale import control_node

ROOT = Path(__file__).parents[4]
# In a separate process, which then is the one that others become children of. What it starts begins another process
# and ends; that one says that it has its memory, and is looked at for a while.
PROGRAM = """
import os, pathlib, signal, subprocess, sys, time
from scale.control_node import Memory
command, ready = sys.argv[1:]
with Memory() as memory:
    subprocess.run([sys.executable, "-c", command], check=True)
    while not pathlib.Path(ready).exists():
        time.sleep(0.1)
    time.sleep(2.5)
(left,) = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
os.kill(int(left), signal.SIGKILL)
print(memory.peak)
"""
LEAVES = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', {held!r}], start_new_session=True)"


def test_descendants_are_those_of_children_too() -> None:
    parents = {2: 1, 3: 2, 4: 3, 5: 1, 6: 9, 9: 0}
    assert control_node.descendants(2, parents) == {3, 4}
    assert control_node.descendants(1, parents) == {2, 3, 4, 5}
    assert control_node.descendants(4, parents) == set()


def peak(megabytes: int, ready: Path) -> float:
    held = (
        f"import pathlib, time; kept = b'x' * {megabytes} * 1024 * 1024; "
        f"pathlib.Path({str(ready)!r}).touch(); time.sleep(60)"
    )
    argv = [sys.executable, "-c", PROGRAM, LEAVES.format(held=held), str(ready)]
    done = subprocess.run(argv, cwd=ROOT / "measure", capture_output=True, text=True, check=True)
    return float(done.stdout)


def test_what_leaves_a_run_and_stays_counts(tmp_path: Path) -> None:
    assert 85 < peak(100, tmp_path / "large") - peak(1, tmp_path / "small") < 115


def test_what_starts_afterwards_is_not_the_run_s() -> None:
    """Local hosts do, between two runs."""
    program = """
import os, pathlib, subprocess, sys, time
from scale.control_node import Memory
with Memory():
    pass
leaves = "import subprocess; print(subprocess.Popen(['sleep', '60'], stdout=subprocess.DEVNULL).pid)"
left = subprocess.run([sys.executable, "-c", leaves], check=True, capture_output=True, text=True).stdout.strip()
children = pathlib.Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()
os.kill(int(left), 9)
print(left in children)
"""
    argv = [sys.executable, "-c", program]
    told = subprocess.run(
        argv, check=True, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT / "measure")}
    )
    assert told.stdout.strip() == "False"
