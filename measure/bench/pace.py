# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast this machine is: what ansible-playbook takes to start, and for a task that does nothing."""

from __future__ import annotations

from dataclasses import dataclass

from .playbook import OURS, ROOT, play

# Seconds for a task that does nothing on the machine that promises in seconds were made on.
PROMISED_TASK = 0.21
RUNS = 3
# In start/idle.yml.
IDLE_TASKS = 5


@dataclass(frozen=True)
class Pace:
    """Seconds to start, and for a task that does nothing."""

    start: float
    task: float

    @property
    def factor(self) -> float:
        """How many times as long as the machine of the promises this one takes."""
        return self.task / PROMISED_TASK

    def __str__(self) -> str:
        return (
            f"ansible-playbook: {self.start:.2f} s to start, {self.task:.2f} s for a task that does nothing, "
            f"{self.factor:.1f} times as long as on the machine of the promises"
        )


def measured_pace(*options: str) -> Pace:
    """The fastest of a few runs, on the hosts that run now; ``options`` may name another inventory."""
    start, idle = (
        min(play(OURS, str(ROOT / "measure/bench/start" / name), *options).seconds for _turn in range(RUNS))
        for name in ("ours.yml", "idle.yml")
    )
    pace = Pace(start, (idle - start) / IDLE_TASKS)
    print(pace, flush=True)
    return pace
