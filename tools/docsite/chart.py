"""The figures of docs/benchmarks.md as a picture: what others take, and what this collection takes for the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import NamedTuple

# A row of the table that compares: what, done by others with, seconds, ours, ratio, at most.
ROW = re.compile(
    r"^\| (?P<what>[^|]+) \| (?P<others>[^|]+) \| (?P<theirs>[\d.]+) \| (?P<ours>[\d.]+) \|.*\|.*\|$"
)
WIDTH, BAR, HEIGHT = 660, 460, 92
STYLE = """
  text { font: 15px system-ui, "Noto Sans", sans-serif; fill: #1f2933 }
  .small { font-size: 13px; fill: #52606d }
  .page { fill: #f7f9fc }
  .theirs { fill: #b8c1cc }
  .ours { fill: #3b6fb6 }
"""


class Comparison(NamedTuple):
    """Seconds that one piece of work takes."""

    what: str
    others: str
    theirs: float
    ours: float


def comparisons(text: str) -> list[Comparison]:
    """The rows of the page that compare."""
    rows = (ROW.match(line) for line in text.splitlines())
    return [
        Comparison(row["what"], row["others"], float(row["theirs"]), float(row["ours"]))
        for row in rows
        if row
    ]


def picture(found: Sequence[Comparison]) -> str:
    """Two bars for each comparison; the longer one always has the whole width."""
    height = 20 + HEIGHT * len(found)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
        "<title>Seconds with other tools, and with this collection</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height}" rx="10"/>',
    ]
    for number, one in enumerate(found):
        top, longest = 34 + HEIGHT * number, max(one.theirs, one.ours)
        lines.append(f'<text x="30" y="{top}">{escape(one.what)}</text>')
        for offset, style, seconds, name in (
            (8, "theirs", one.theirs, "others"),
            (30, "ours", one.ours, "ours"),
        ):
            length = round(BAR * seconds / longest, 1)
            lines += [
                f'<rect class="{style}" x="30" y="{top + offset}" width="{length}" height="18" rx="3"/>',
                f'<text class="small" x="{40 + length}" y="{top + offset + 14}">{seconds:g} s, {name}</text>',
            ]
    return "\n".join([*lines, "</svg>", ""])
