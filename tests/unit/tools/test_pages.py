"""What a command found goes into a page, and the rest of the page stays."""

from __future__ import annotations

import subprocess
from pathlib import Path

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


def test_what_a_measurement_writes_does_not_mark_its_commit(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "docs/page.md", "code.py"):
        (tmp_path / name).write_text("before\n")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "x"]):
        subprocess.run([*git, *command], check=True)
    clean = pages.commit(tmp_path)
    for name in ("README.md", "docs/page.md"):
        (tmp_path / name).write_text("after\n")
    assert pages.commit(tmp_path) == clean
    (tmp_path / "code.py").write_text("after\n")
    assert pages.commit(tmp_path) == f"{clean}-changed"
