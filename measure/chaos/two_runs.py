# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""site.yml from two control nodes at once, with everything to change: no duplicate, no deadlock, one result."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field

from watched.runs import Lab, LabError, Run

from . import state

LAB = Lab("chaos-pair", ("controller1", "compute1"))
SITE = "stackwright.nova.site"
NODES = ("first", "second")


@dataclass
class Result:
    """How both runs ended, and what the hosts differ in from those of a single run."""

    rounds: int = 0
    finished: int = 0
    messages: list[str] = field(default_factory=list)
    compared: int = 0
    differences: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The result in words, a line each."""
        ended = f"{self.finished} of {2 * self.rounds} runs finished at once"
        return [
            f"{self.rounds} times two runs at once: {ended}"
            + (f", the others ended with: {'; '.join(self.messages)}" if self.messages else ""),
            f"{self.compared} things compared with a single run; differences: {len(self.differences)}",
        ]


def run(lab: Lab = LAB, rounds: int = 2) -> Result:
    """Deploy once alone, then again from the same disks with two runs at once; a last run must finish and agree."""
    lab.up("--baked")
    Run(lab, SITE).succeed()
    expected = state.read(lab)
    result = Result(rounds)
    for _turn in range(rounds):
        lab.tool("restore")
        runs = []
        for node in NODES:
            secrets = lab.directory / node / lab.secrets_file.name
            certificates = lab.directory / node / lab.certificates.name
            secrets.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(lab.secrets_file, secrets)
            shutil.copytree(lab.certificates, certificates, dirs_exist_ok=True)
            runs.append(Run(lab, SITE, "--extra-vars", f"cloud_secrets_file={secrets}", node=node))
        for each in runs:
            if each.wait() == 0:
                result.finished += 1
            else:
                failures = [failure for task in each.tasks() for failure in task.failures.values()]
                if not failures or any("Traceback" in failure for failure in failures):
                    raise LabError(f"no clear error:\n{each.output.read_text()[-3000:]}")
                result.messages.append(" ".join(failures[0].split())[:200])
        Run(lab, SITE).succeed()
        found = state.read(lab)
        result.compared = sum(state.size(found).values())
        result.differences += state.differences(expected, found)
    return result
