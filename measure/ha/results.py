# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results, kept one by one, so that one failure can be tried again; all of them make the page, each with its commit."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pages

from .measured import TITLES

_FILE = Path(__file__).parents[2] / ".cache/ha/results.json"
NAMES = ("cut_without_address", "cut_with_address", "message_queue", "database", "change")


def record(name: str, row: Sequence[str], broken: Sequence[str], path: Path = _FILE) -> None:
    """Keep what was found, in the place of what was found before."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept[name] = {"commit": pages.commit(), "row": list(row), "broken": list(broken)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=2) + "\n")


def report(path: Path = _FILE) -> list[str]:
    """The lines of the page; none as long as a result is missing."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    if sorted(kept) != sorted(NAMES):
        return []
    broken = [sentence for name in NAMES for sentence in kept[name]["broken"]]
    rows = [[*kept[name]["row"], kept[name]["commit"]] for name in NAMES]
    return [*(broken or ["All promises were kept"]), "", *pages.table([*TITLES, "commit"], rows)]
