# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One release deployed on bare hosts from the distribution's packages and from a wheelhouse, side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pages
from watched.runs import LabError

from .table import Row

PAGE = pages.DOCS / "releases.md"
COMMAND = "make releases-pace"
ROWS = ("zed", "zed-pypi")
LIMIT = 1.2
# In turn, so that both meet the same machine; the faster one counts, because the first may fill the caches.
_ROUNDS = 2


def measure(rows: Mapping[str, Row], deploy: Callable[[Row], float]) -> list[str]:
    """The lines for the page; raises LabError where PyPI takes longer than the limit allows."""
    found = [deploy(rows[name]) for _round in range(_ROUNDS) for name in ROWS]
    packages, wheels = (min(found[start :: len(ROWS)]) for start in range(len(ROWS)))
    if wheels > LIMIT * packages:
        raise LabError(
            f"PyPI takes {wheels:.0f} s, packages {packages:.0f} s: more than {LIMIT} times as long"
        )
    return _lines([rows[name].title for name in ROWS], packages, wheels)


def _lines(titles: Sequence[str], packages: float, wheels: float) -> list[str]:
    rows = [
        [titles[0], f"{packages:.0f}", "1", ""],
        [titles[1], f"{wheels:.0f}", f"{wheels / packages:.2f}", str(LIMIT)],
    ]
    return pages.table(
        ["a controller and a compute host, from bare hosts", "seconds", "ratio", "at most"], rows
    )
