# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml killed before each task and inside the long ones, and the same end as a run that nobody cut.

One deployment is cut again and again: each run gets one task further than the one before it, where it is killed
with all its processes. After all cuts a last run finishes, and the hosts are compared by content with those of a
deployment without a cut, from the same disks.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from watched.runs import Lab, LabError, Run, TaskRecord

from . import state

LAB = Lab("chaos-cuts", ("controller1", "compute1"))
SITE = "stackwright.nova.site"
# Tasks of at least this many seconds are cut inside, too, at these parts of their time.
LONG = 1.0
PARTS = (0.15, 0.5, 0.85)


@dataclass
class Result:
    """What was done and found."""

    boundaries: int = 0
    inside: int = 0
    long_tasks: int = 0
    repeated: list[str] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The result in words, a line each."""
        return [
            f"site.yml killed at {self.boundaries} task boundaries, and {self.inside} times inside of "
            f"{self.long_tasks} long tasks",
            f"work that a later run did again: {', '.join(self.repeated) or 'none'}",
            "compared by content with a deployment without cuts: "
            + ", ".join(f"{count} {kind}" for kind, count in sorted(self.compared.items()))
            + f"; differences: {len(self.differences)}",
        ]


def run(lab: Lab = LAB, *, bare: bool = False, step: int = 1) -> Result:
    """Carry out all cuts; ``step`` 2 takes every second boundary. Raises LabError where a run does not finish."""
    lab.up(*([] if bare else ["--baked"]))
    whole = Run(lab, SITE).succeed()
    expected = state.read(lab)
    if natural := state.differences(expected, state.read(lab)):
        raise LabError(f"the state does not hold still by itself: {natural}")
    # The secrets stay: the same passwords make the same files.
    lab.tool("restore")
    result = Result()
    _cut(lab, whole.tasks(), result, step)
    Run(lab, SITE).succeed()
    found = state.read(lab)
    result.compared = dict(state.size(expected))
    result.differences = state.differences(expected, found)
    again = Run(lab, SITE).succeed()
    if changed := [task.name for task in again.tasks() if task.changed]:
        raise LabError(f"the run after the last one changes: {changed}")
    return result


def _cut(lab: Lab, tasks: list[TaskRecord], result: Result, step: int) -> None:
    for task in tasks:
        if task.changed and task.seconds >= LONG:
            result.long_tasks += 1
            for part in PARTS:
                _kill_inside(lab, task, part, remote=result.inside % 2 == 1)
                result.inside += 1
        if task.number % step == 0 or task.changed:
            _kill_before(lab, task.number + 1, result)
            result.boundaries += 1


def _kill_inside(lab: Lab, task: TaskRecord, part: float, *, remote: bool) -> None:
    """Kill a run while it carries out a task; ``remote`` ends what it left running on the hosts, too."""
    run = Run(lab, SITE)
    if not run.wait_for("task", task.number):
        raise LabError(
            f"the run after a cut ended before task {task.name}:\n{run.output.read_text()[-3000:]}"
        )
    # It may be over sooner: then this cut is one more at its end.
    run.wait_for_end_of(task.number, task.seconds * part)
    run.kill()
    if remote:
        lab.kill_sessions()


def _kill_before(lab: Lab, number: int, result: Result) -> None:
    """Kill a run as it is about to begin a task; all before it have ended by then."""
    run = Run(lab, SITE, halt=str(number))
    halted = run.wait_for("halt", number)
    if not halted and run.process.wait():
        raise LabError(f"the run after a cut failed before task {number}:\n{run.output.read_text()[-3000:]}")
    run.kill()
    for task in run.tasks():
        # The run before this one had finished it.
        if task.changed and task.number < number - 1:
            result.repeated.append(f"{task.name} ({', '.join(sorted(task.changed))}, before task {number})")
