"""What a command found goes into a page, and the rest of the page stays."""

from __future__ import annotations

import pages

PAGE = """# Title

<!-- make chaos: cuts -->
old
<!-- end of make chaos: cuts -->

Text by hand.

<!-- make chaos: faults -->
<!-- end of make chaos: faults -->
"""


def test_a_part_is_replaced_and_the_rest_stays() -> None:
    page = pages.merge(PAGE, "make chaos: cuts", ["- new \\1."])
    assert "old" not in page
    assert "<!-- make chaos: cuts -->\n\n- new \\1.\n\n<!-- end of make chaos: cuts -->\n" in page
    assert page.replace("\n- new \\1.\n\n", "old\n") == PAGE


def test_a_part_that_is_written_twice_is_there_once() -> None:
    once = pages.merge(PAGE, "make chaos: faults", ["- a."])
    assert pages.merge(once, "make chaos: faults", ["- a."]) == once


def test_a_table_keeps_pipes_out_of_its_cells() -> None:
    assert pages.table(["a", "b"], [["1|2", "3"]]) == ["| a | b |", "| --- | --- |", "| 1\\|2 | 3 |"]
