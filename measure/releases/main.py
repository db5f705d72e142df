# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deploys releases row by row, and keeps what each cell of the table in docs/tested.md found, with its commit."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping
from itertools import chain

import pages
from watched.runs import LabError

from . import addition, deployment, guides, pace
from .table import RESULTS, Row, load_rows, record, write_page


def main() -> int:
    """The exit status tells whether all cells that were tried passed."""
    rows = {row.name: row for row in load_rows()}
    parser = argparse.ArgumentParser(prog="measure/releases/run", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(rows)}; all by default")
    parser.add_argument(
        "--table", action="store_true", help="only write the table in docs/tested.md from the results"
    )
    parser.add_argument(
        "--pace",
        action="store_true",
        help="measure PyPI beside the distribution's packages, into docs/releases.md",
    )
    options = parser.parse_args()
    if options.pace:
        return _pace(rows)
    if unknown := [name for name in options.rows if name not in rows]:
        parser.error(f"no such row: {', '.join(unknown)}. There are {', '.join(rows)}")
    good = True
    if not options.table:
        for row in [rows[name] for name in options.rows] or rows.values():
            good = _try(row) and good
    write_page()
    return 0 if good else 1


def _pace(rows: Mapping[str, Row]) -> int:
    began = time.monotonic()
    try:
        lines = pace.measure(rows, deployment.pace)
    except LabError as error:
        print(error, file=sys.stderr)
        return 1
    pages.write(pace.PAGE, pace.COMMAND, lines, time.monotonic() - began)
    return 0


def _try(row: Row) -> bool:
    """Whether all columns of a row passed; what did is kept even where a later one fails."""
    compared = guides.carry_out(row) if row.guide else iter(())
    if row.guide and not row.site:
        return _keep(row, compared)
    lab = deployment.lab(row)
    carry_out = addition.carry_out if row.site else deployment.carry_out
    try:
        return _keep(row, chain(compared, carry_out(row, lab)))
    finally:
        if os.environ.get("KEEP") != "1":
            lab.down()


def _keep(row: Row, columns: Iterator[str]) -> bool:
    began = time.monotonic()
    try:
        for column in columns:
            minutes = (time.monotonic() - began) / 60
            print(f"{row.title}: {column}, after {minutes:.0f} minutes", flush=True)
            record(RESULTS, row.name, column, pages.commit(), minutes)
    except LabError as error:
        print(f"{row.title}: {error}", file=sys.stderr, flush=True)
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
