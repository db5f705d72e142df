# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passes on what Molecule says, and appends to the file that is named what each of its steps took, in seconds."""

from __future__ import annotations

import re
import sys
import time
from pathlib import Path

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_STEP = re.compile(r"^INFO\s+\S+ ➜ (?P<step>[^:]+): (?P<what>Executing|Executed)")


def main() -> None:
    """Each step is reported when it has ended, well or not."""
    began: dict[str, float] = {}
    times = Path(sys.argv[1])
    for line in sys.stdin:
        sys.stdout.write(line)
        sys.stdout.flush()
        match = _STEP.match(_COLOUR.sub("", line))
        if match and match["what"] == "Executing":
            began[match["step"]] = time.monotonic()
        elif match and match["step"] in began:
            took = f"{match['step']}\t{time.monotonic() - began.pop(match['step']):.0f}"
            print(f"--- {took}", flush=True)
            with times.open("a", encoding="utf-8") as file:
                file.write(f"{took}\n")


if __name__ == "__main__":
    main()
