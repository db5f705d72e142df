# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An installation guide beside what the collection does: the columns that need no hosts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

from watched.runs import ROOT, LabError

from .table import Row

# Column: the tests that fill it, those of the row's guide.
TESTS = {"options": "tests/seeds", "databases and accounts": "tests/contract/seeds"}


def carry_out(row: Row) -> Iterator[str]:
    """Name each column as soon as its tests have passed; raises LabError at the first that do not."""
    for column, tests in TESTS.items():
        if column in row.empty:
            continue
        argv = [sys.executable, "-m", "pytest", "--quiet", tests, "-k", row.guide]
        # No test of this name is a failure, too.
        if subprocess.run(argv, cwd=ROOT, check=False).returncode:
            raise LabError(f"{column}: {' '.join(argv[1:])} fails, see above")
        yield column
