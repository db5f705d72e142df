# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/reliability.md: a text by hand, and below a mark of each part what was found the last time."""

from __future__ import annotations

import datetime
import re
import subprocess
from collections.abc import Iterable, Sequence

from .runs import ROOT

_PAGE = ROOT / "docs/reliability.md"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, a line each."""
    lines = [titles, ["---"] * len(titles), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def write(part: str, lines: Sequence[str], seconds: float) -> None:
    """Put the result of a part into the page, with the date and the commit."""
    _PAGE.write_text(merge(_PAGE.read_text(), part, [_origin(seconds), "", *_listed(lines)]))


def merge(page: str, part: str, lines: Sequence[str]) -> str:
    """The page with the part's result between its two marks."""
    begin, end = f"<!-- make chaos: {part} -->\n", f"<!-- end of {part} -->\n"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    text = "\n".join(lines)
    return pattern.sub(lambda _: f"{begin}\n{text}\n\n{end}", page)


def _listed(lines: Sequence[str]) -> list[str]:
    return [line if line.startswith("|") else f"- {line}." for line in lines]


def _origin(seconds: float) -> str:
    commit = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude=*"]
    name = subprocess.run(commit, capture_output=True, text=True, check=True).stdout.strip()
    return f"{datetime.date.today()}, commit {name}, {seconds / 60:.0f} minutes."
