# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs playbooks, with the time that they took and the counts of their recap."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ROOT / "tools/hosts"
OURS = ROOT / ".venv/bin/ansible-playbook"
THEIRS = ROOT / ".cache/bench/bin/ansible-playbook"
_RECAP = re.compile(r"^(?P<host>\S+)\s+: (?P<counts>ok=\d+ .*)$", re.MULTILINE)


@dataclass(frozen=True)
class Run:
    """What one run of a playbook took; cpu is that of ansible-playbook and of all that it started here."""

    seconds: float
    cpu: float
    recap: dict[str, dict[str, int]]

    def tasks(self, host: str) -> int:
        """The tasks of a host, those that were skipped included."""
        return self.recap[host]["ok"] + self.recap[host]["skipped"]

    def check_unchanged(self, hosts: Collection[str]) -> Run:
        """The run itself, if it went over all of these hosts and changed nothing; else the end."""
        wrong = [host for host in hosts if not self._unchanged(host)]
        if wrong or set(hosts) != set(self.recap):
            sys.exit(
                f"Cannot measure a run with nothing to change: it changed or missed {wrong}: {self.recap}"
            )
        return self

    def _unchanged(self, host: str) -> bool:
        counts = self.recap.get(host, {})
        return counts.get("ok", 0) > 0 and not any(
            counts[what] for what in ("changed", "unreachable", "failed", "rescued")
        )


def recap(output: str) -> dict[str, dict[str, int]]:
    """Host to counts (ok, changed, skipped …), from the end of what ansible-playbook says."""
    end = output.rpartition("PLAY RECAP")[2]
    return {
        match["host"]: {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", match["counts"])}
        for match in _RECAP.finditer(end)
    }


def play(playbook: Path, name: str, *options: str) -> Run:
    """Run a playbook with our settings; the end of the measurement where it fails."""
    # Their playbooks run with our settings too: pipelining and persistent connections for both.
    environment = {**os.environ, "ANSIBLE_CONFIG": str(ROOT / "ansible.cfg")}
    if playbook == THEIRS:
        environment["ANSIBLE_COLLECTIONS_PATH"] = str(ROOT / ".cache/bench")
    start, before = time.monotonic(), _cpu()
    done = subprocess.run(
        [playbook, name, *options],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    run = Run(time.monotonic() - start, _cpu() - before, recap(done.stdout))
    if done.returncode:
        log = ROOT / ".cache/bench/failed.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout)
        sys.exit(f"Cannot measure {name}: it failed, see {log}.\n{done.stdout[-3000:]}")
    return run


def _cpu() -> float:
    """CPU seconds of all our children that ended, and of theirs."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
