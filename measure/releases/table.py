# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is known of each release, as a table: rows.yml names the rows, results.yml has what was measured."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pages
import yaml

HERE = Path(__file__).parent
ROWS = HERE / "rows.yml"
RESULTS = HERE / "results.yml"
PAGE = pages.DOCS / "tested.md"
COMMAND = "make releases"
COLUMNS = (
    "options",
    "databases and accounts",
    "deploy",
    "boot with network",
    "again unchanged",
    "add and remove",
)
NOT_YET = "not measured yet"
_HEADER = """\
---
# What `make releases` found: row, column, the commit and the day, and the minutes since the row began.
"""

Results = Mapping[str, Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True)
class Row:
    """A release, and what its hosts are: ``prepare`` is a command for each of them, and ``remark`` says why.

    Or an installation guide, by the name that its file has in tests/seeds, which is compared. One with ``site``, a
    folder here, is followed as well: the collection adds a compute host to the cloud that a person has made so.
    """

    name: str
    title: str
    suite: str = ""
    guide: str = ""
    site: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)
    empty: Mapping[str, str] = field(default_factory=dict)
    prepare: str = ""
    remark: str = ""


def load_rows(path: Path = ROWS) -> list[Row]:
    """The rows in their order."""
    return [Row(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def load_results(path: Path = RESULTS) -> Results:
    """What was measured, by row and column."""
    return yaml.safe_load(path.read_text(encoding="utf-8")) or {} if path.exists() else {}


def record(path: Path, row: str, column: str, commit: str, minutes: float) -> None:
    """Keep that a cell passed, beside what is known of the others."""
    results = {name: dict(cells) for name, cells in load_results(path).items()}
    found = {"commit": commit, "date": datetime.date.today().isoformat(), "minutes": round(minutes)}
    results.setdefault(row, {})[column] = found
    draft = path.with_suffix(".draft")
    draft.write_text(_HEADER + yaml.safe_dump(results, sort_keys=False), encoding="utf-8")
    draft.replace(path)


def render(rows: Sequence[Row], results: Results) -> list[str]:
    """A line for each row: the commit that a cell passed on; in the end why others are empty, and what was special."""
    lines = []
    for row in rows:
        found = results.get(row.name, {})
        cells = [f"`{found[column]['commit']}`" if column in found else "" for column in COLUMNS]
        empty = _reasons(row, [column for column in COLUMNS if column not in found])
        lines.append([row.title, *cells, "; ".join(filter(None, [row.remark, empty]))])
    return pages.table(["", *COLUMNS, "remarks"], lines)


def _reasons(row: Row, empty: Sequence[str]) -> str:
    """Why these cells are empty, each reason once."""
    columns: dict[str, list[str]] = {}
    for column in empty:
        columns.setdefault(row.empty.get(column, row.empty.get("all", NOT_YET)), []).append(column)
    if len(columns) == 1 and len(empty) == len(COLUMNS):
        return next(iter(columns))
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in columns.items())


def write_page() -> None:
    """Put the table into docs/tested.md."""
    lines = render(load_rows(), load_results())
    PAGE.write_text(pages.merge(PAGE.read_text(), COMMAND, lines))
