# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs site.yml in check mode, then for real, and compares what changed.

    predict.py NAME --at-least N [--exactly N] -- OPTIONS OF ANSIBLE-PLAYBOOK

The records and the output of both runs stay in .cache/prediction/NAME.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

from compare import Record, compare, parse

ROOT = Path(__file__).resolve().parents[2]
PLAYBOOK = "stackwright.nova.site"


def main() -> None:
    """Exit status 0 only if the prediction came true, and as many tasks changed as the case demands."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name")
    parser.add_argument(
        "--at-least", type=int, default=0, help="changes that a case must have to prove anything"
    )
    parser.add_argument("--at-most", type=int, default=sys.maxsize)
    arguments, options = parser.parse_known_args()
    options = [option for option in options if option != "--"]
    folder = ROOT / ".cache/prediction" / arguments.name
    folder.mkdir(parents=True, exist_ok=True)
    predicted = _run(folder / "check", [*options, "--check"])
    real = _run(folder / "real", options)
    comparison = compare(predicted, real)
    report = "\n".join([f"{arguments.name}:", *comparison.report()])
    (folder / "report.txt").write_text(report + "\n")
    print(report)
    if not comparison.exact:
        sys.exit(f"Cannot trust check mode: case {arguments.name} came out otherwise than it predicted.")
    if not arguments.at_least <= len(comparison.real) <= arguments.at_most:
        sys.exit(
            f"Cannot judge case {arguments.name}: {len(comparison.real)} changes are not what it is about."
        )


def _run(base: Path, options: list[str]) -> Record:
    """One run, recorded; its record shows that it failed."""
    record, output = base.with_suffix(".jsonl"), base.with_suffix(".log")
    record.unlink(missing_ok=True)
    environment = {
        **os.environ,
        "ANSIBLE_CALLBACK_PLUGINS": str(Path(__file__).parent / "callback_plugins"),
        "ANSIBLE_CALLBACKS_ENABLED": "record",
        "PREDICTION_RECORD": str(record),
    }
    started = time.monotonic()
    with output.open("w") as file:
        done = subprocess.run(
            [ROOT / ".venv/bin/ansible-playbook", PLAYBOOK, *options],
            cwd=ROOT,
            env=environment,
            stdout=file,
            stderr=subprocess.STDOUT,
            check=False,
        )
    print(f"{base.name}: exit status {done.returncode} after {time.monotonic() - started:.0f} s", flush=True)
    if not record.exists():
        sys.exit(f"Cannot run {PLAYBOOK}: it came to no task.\n{output.read_text()[-3000:]}")
    return parse(record.read_text())


if __name__ == "__main__":
    main()
