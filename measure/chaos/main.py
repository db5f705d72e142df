# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Carries out the chaos tests, all or those that are named, and writes docs/reliability.md from their results."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable

import pages
from watched.runs import Lab, LabError

from . import canary, cuts, faults, two_runs

_PAGE = pages.DOCS / "reliability.md"

Part = Callable[[argparse.Namespace], tuple[list[str], bool]]


def _cuts(options: argparse.Namespace) -> tuple[list[str], bool]:
    result = cuts.run(bare=options.bare, step=options.step)
    return [*result.lines(), *result.differences], not result.differences


def _faults(options: argparse.Namespace) -> tuple[list[str], bool]:
    if harm := faults.run(options.fault):
        return [f"harm was done: {key}" for key in harm], False
    # The page is for all of them.
    rows = faults.rows()
    return (pages.table(faults.TITLES, rows) if rows else []), True


def _two_runs(_arguments: argparse.Namespace) -> tuple[list[str], bool]:
    result = two_runs.run()
    return [*result.lines(), *result.differences], not result.differences


def _canary(_arguments: argparse.Namespace) -> tuple[list[str], bool]:
    result = canary.run()
    return result.lines(), not result.found


PARTS: dict[str, tuple[Part, Lab]] = {
    "cuts": (_cuts, cuts.LAB),
    "faults": (_faults, faults.LAB),
    "two_runs": (_two_runs, two_runs.LAB),
    "canary": (_canary, canary.LAB),
}


def main() -> int:
    """The exit status tells whether all promises hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--bare", action="store_true", help="cut runs on bare hosts, packages included")
    parser.add_argument(
        "--step", type=int, default=1, help="cut only before every n-th task and after changes"
    )
    parser.add_argument(
        "--fault", action="append", default=[], help="only faults with this word in their name"
    )
    options = parser.parse_args()
    good = True
    for name in options.parts or PARTS:
        part, lab = PARTS[name]
        began = time.monotonic()
        try:
            lines, kept = part(options)
        except LabError as error:
            lines, kept = [f"Cannot keep a promise: {error}"], False
        finally:
            if os.environ.get("KEEP") != "1":
                lab.down()
        print("\n".join(lines), flush=True)
        if kept and lines:
            pages.write(_PAGE, f"make chaos: {name}", lines, time.monotonic() - began)
        good = good and kept
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
