# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The measured seconds of the benchmarks become a picture."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from docsite import build, chart

PAGE = (Path(__file__).parents[3] / "docs/benchmarks.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"


def test_the_page_has_rows_that_compare_and_a_place_for_the_picture() -> None:
    found = chart.comparisons(PAGE)
    assert len(found) >= 5
    assert build.MEASURED in PAGE
    assert not any("phase" in one.what or "again:" in one.what for one in found)


def test_bars_are_as_long_as_the_seconds_say() -> None:
    found = [chart.Comparison("a < b", "c", 20.0, 1.0), chart.Comparison("d", "e", 1.0, 4.0)]
    root = ElementTree.fromstring(chart.picture(found))
    bars = [
        (each.get("class"), float(each.get("width", "0")))
        for each in root.iter(f"{SVG}rect")
        if each.get("x") == "30"
    ]
    assert bars == [("theirs", 460), ("ours", 23), ("theirs", 115), ("ours", 460)]
    assert "a < b" in [text.text for text in root.iter(f"{SVG}text")]
