# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what the phases took into docs/molecule.md; arguments: their file, the seconds of the run, the accelerator."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pages


def main() -> None:
    """One row for each phase, in order."""
    phases = [line.split("\t") for line in Path(sys.argv[1]).read_text().splitlines()]
    how = "with KVM" if sys.argv[3] == "kvm" else "without KVM"
    lines = [f"{os.cpu_count()} cores, {how}", "", *pages.table(["phase", "seconds"], phases)]
    pages.write(pages.DOCS / "molecule.md", "make molecule-vm", lines, float(sys.argv[2]))


if __name__ == "__main__":
    main()
