# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``online_data_migrations`` of Nova and Placement reports of its work. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_LINE = re.compile(
    r"^(?P<found>\d+) rows matched query (?P<name>\w+), (?P<migrated>\d+) migrated$"
    r"|^Error attempting to run <(?:function|bound method) (?:\w+\.)*(?P<failed>\w+)",
    re.M,
)
_TABLE_ROW = re.compile(r"^\|\s*\w+\s*\|\s*\d+\s*\|\s*(?P<completed>\d+)\s*\|", re.M)


@dataclass(frozen=True)
class Migrated:
    """Rows that got their migration, rows that still need one by its name, and migrations that failed."""

    completed: int = 0
    remaining: Mapping[str, int] = field(default_factory=dict)
    failed: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """What the module's result says of it."""
        remaining = sum(self.remaining.values())
        return {
            "needed": self.completed + remaining,
            "completed": self.completed,
            "remaining": remaining,
        }


def parse_migrated(text: str) -> Migrated:
    """What a run to the end printed.

    It works in batches and ends after one that migrated nothing. What it says of each batch before that is
    outdated, and so is what its table adds up as found: rows that stay are in it once for each batch.
    """
    remaining: dict[str, int] = {}
    failed: list[str] = []
    for line in _LINE.finditer(text):
        if line["failed"]:
            failed.append(line["failed"])
        elif int(line["migrated"]):
            remaining.clear()
            failed.clear()
        else:
            remaining[line["name"]] = int(line["found"])
    completed = sum(int(row["completed"]) for row in _TABLE_ROW.finditer(text))
    return Migrated(completed, remaining, tuple(dict.fromkeys(failed)))
