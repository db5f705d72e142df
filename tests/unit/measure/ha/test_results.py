# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the results of the test that takes controllers away."""

from __future__ import annotations

from pathlib import Path

import pages
import pytest
from ha import results


def test_a_page_needs_all_results_and_names_their_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "results.json"
    for name in results.NAMES:
        assert results.report(path) == []
        results.record(name, [name, "60"], [], path)
    assert results.report(path)[:2] == ["All promises were kept", ""]
    results.record("database", ["again", "61"], ["again: no answer"], path)
    assert results.report(path)[0] == "again: no answer"
    assert [line.split(" | ")[0] for line in results.report(path)[4:]] == [
        "| cut_without_address",
        "| cut_with_address",
        "| message_queue",
        "| again",
        "| change",
    ]
    monkeypatch.setattr(pages, "commit", lambda: "another")
    results.record("database", ["another", "62"], [], path)
    commits = [line.split(" | ")[-1] for line in results.report(path)[4:]]
    assert [commit == "another |" for commit in commits] == [False, False, False, True, False]


def test_every_failure_has_its_place_on_the_page() -> None:
    from ha.main import CHANGE, FAILURES

    assert (*FAILURES, CHANGE) == results.NAMES
