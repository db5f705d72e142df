# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests/collection/matrix found, as a table in docs/tested.md: matrix_table.py RESULTS SECONDS."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import pages

PAGE = pages.DOCS / "tested.md"
COMMAND = "make matrix"


def table(results: Iterable[str]) -> list[str]:
    """A line for each ansible-core, a column for each Python of hosts."""
    rows = [line.rstrip("\n").split("\t") for line in results]
    whole = [row for row in rows if len(row) == 5]
    hosts = list(dict.fromkeys(entry.partition(":")[0] for row in whole for entry in row[4].split()))
    titles = [
        "ansible-core",
        "its Python",
        "playbooks read",
        "unit tests",
        *(f"host: {host}" for host in hosts),
    ]
    lines = []
    for release, python, read, unit, played in whole:
        cells = dict(entry.split(":", 1) for entry in played.split())
        lines.append(
            [release, python, read, unit, *(cells.get(host, "").replace("_", " ") for host in hosts)]
        )
    lines += [[*row, *[""] * (len(titles) - len(row))] for row in rows if len(row) != 5]
    return pages.table(titles, lines)


if __name__ == "__main__":
    pages.write(PAGE, COMMAND, table(Path(sys.argv[1]).read_text().splitlines()), float(sys.argv[2]))
