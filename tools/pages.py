# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pages of the documentation: a text by hand, and between two marks for each command what it found the last time."""

from __future__ import annotations

import datetime
import re
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[1]
DOCS = _ROOT / "docs"
# What commands write about what they found; it says nothing of what they measured.
MEASURED = ("README.md", "docs", "measure/releases/results.yml", "measure/chaos/faults.json")
_BLOCK = re.compile(r"^```(?P<language>[a-z]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table, a line each."""
    lines = [titles, ["---"] * len(titles), *rows]
    return [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines]


def write(page: Path, command: str, lines: Sequence[str], seconds: float) -> None:
    """Put what a command found into a page, with the date and the commit.

    What is no line of a table, nor empty, is an item.
    """
    items = [line if line.startswith("|") or not line else f"- {line}." for line in lines]
    page.write_text(merge(page.read_text(), command, [_origin(seconds), "", *items]))


def merge(page: str, command: str, lines: Iterable[str]) -> str:
    """The page with these lines between the two marks of the command."""
    begin, end = f"<!-- {command} -->\n", f"<!-- end of {command} -->\n"
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
    text = "\n".join(lines)
    return pattern.sub(lambda _unused: f"{begin}\n{text}\n\n{end}", page)


def commit(root: Path = _ROOT) -> str:
    """The commit of this checkout; with a mark where files differ from it, but for those that measuring writes."""
    # Root may measure what belongs to another user.
    git = ["git", "-c", f"safe.directory={root}", "-C", str(root)]
    describe = [*git, "describe", "--always", "--exclude=*"]
    name = subprocess.run(describe, capture_output=True, text=True, check=False).stdout.strip()
    others = [f":(exclude){path}" for path in MEASURED]
    compare = [*git, "diff", "--quiet", "HEAD", "--", ".", *others]
    changed = subprocess.run(compare, capture_output=True, check=False).returncode
    return (f"{name}-changed" if changed else name) if name else "unknown"


def _origin(seconds: float) -> str:
    return f"{datetime.date.today()}, commit {commit()}, {seconds / 60:.0f} minutes."


class Example(NamedTuple):
    """A block of code of a page."""

    page: str
    line: int
    language: str
    text: str


def examples(page: str, text: str) -> list[Example]:
    """The blocks of code of a page, with the lines that they begin in."""
    return [
        Example(page, text.count("\n", 0, block.start()) + 1, block["language"], block["text"])
        for block in _BLOCK.finditer(text)
    ]
