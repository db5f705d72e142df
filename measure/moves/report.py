# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what moves took into docs/moving-instances.md; the argument is the seconds that the whole run took."""

from __future__ import annotations

import sys

import pages

from .measured import known

_TITLES = ["move", "disk", "seconds", "silence, seconds", "the guest"]


def main() -> None:
    """Fails where nothing was measured."""
    moves = known()
    if not moves:
        sys.exit("Cannot write docs/moving-instances.md: no move was measured. Run measure/moves/run.")
    lines = pages.table(_TITLES, [move.row() for move in moves])
    pages.write(pages.DOCS / "moving-instances.md", "make moves", lines, float(sys.argv[1]))


if __name__ == "__main__":
    main()
