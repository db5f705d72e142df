# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moves took, kept from the test that measures it for the page that tells it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

_FILE = Path(__file__).parents[2] / ".cache/moves.json"


@dataclass(frozen=True)
class Move:
    """One move: its name, the storage of the disks, seconds until it was over, and the longest silence in it.

    ``kept``: whether the guest went on as it was, without another boot.
    """

    name: str
    storage: str
    seconds: float
    silence: float
    kept: bool

    def row(self) -> list[str]:
        """The cells of a table."""
        kept = "goes on" if self.kept else "boots again"
        return [self.name, self.storage, f"{self.seconds:.0f}", f"{self.silence:.1f}", kept]


def add(move: Move) -> None:
    """Keep one more."""
    moves = [*known(), move]
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(json.dumps([asdict(one) for one in moves], indent=2) + "\n")


def known() -> list[Move]:
    """All that were kept, in the order in which they took place."""
    return [Move(**one) for one in json.loads(_FILE.read_text())] if _FILE.exists() else []
