# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of releases says what was measured, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._host_facts import known_platforms
from releases import deployment, guides, table
from seeds.guides import RELEASES
from watched.runs import LabError

ROOT = Path(__file__).parents[4]


def test_the_page_has_the_table_of_the_results() -> None:
    """After an edit of rows.yml: `measure/releases/run --table`."""
    lines = "\n".join(table.render(table.load_rows(), table.load_results()))
    assert (
        f"<!-- {table.COMMAND} -->\n\n{lines}\n\n<!-- end of {table.COMMAND} -->\n" in table.PAGE.read_text()
    )


def test_results_are_of_rows_and_columns_that_there_are() -> None:
    rows = {row.name for row in table.load_rows()}
    for row, cells in table.load_results().items():
        assert row in rows
        assert set(cells) <= set(table.COLUMNS)


def test_a_cell_is_a_commit_or_a_reason(tmp_path: Path) -> None:
    row = table.Row("zed", "Zed", "bookworm", empty={"add and remove": "one host only"})
    results = tmp_path / "results.yml"
    table.record(results, "zed", "deploy", "abc1234", 6.6)
    table.record(results, "zed", "options", "abc1235", 7.2)
    line = table.render([row], table.load_results(results))[-1]
    assert line == (
        "| Zed | `abc1235` |  | `abc1234` |  |  |  | databases and accounts, boot with network, again unchanged: "
        f"{table.NOT_YET}; add and remove: one host only |"
    )
    assert table.render([row], {})[-1].endswith(f"{table.NOT_YET}; add and remove: one host only |")
    assert table.render([table.Row("a", "A", "trixie")], {})[-1] == f"| A | {' | ' * 5} | {table.NOT_YET} |"
    patched = table.Row("a", "A", "trixie", prepare="true", remark="patched")
    assert table.render([patched], {})[-1].endswith(f"| patched; {table.NOT_YET} |")
    assert table.load_results(results)["zed"]["deploy"]["minutes"] == 7


@pytest.mark.parametrize("row", table.load_rows(), ids=lambda row: row.name)
def test_rows_are_of_what_the_collection_has(row: table.Row) -> None:
    if row.guide:
        assert row.guide in RELEASES
        return
    debian = {"bullseye": "Debian-11", "bookworm": "Debian-12", "trixie": "Debian-13"}[row.suite]
    assert debian in known_platforms(ROOT / "roles/cloud/vars")
    if release := row.variables.get("cloud_release"):
        assert list((ROOT / "roles/packages/files/releases").glob(f"{release}-python*.txt"))


def test_a_deployment_tells_all_columns() -> None:
    assert set(deployment.COLUMNS) <= set(table.COLUMNS)


def test_a_guide_whose_tests_fail_fills_no_cell() -> None:
    with pytest.raises(LabError, match="options: -m pytest --quiet tests/seeds -k nowhere fails"):
        list(guides.carry_out(table.Row("nowhere", "Nowhere", guide="nowhere")))
