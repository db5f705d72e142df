# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The faster deployment of each source counts, and a slow one from PyPI is an error."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from releases import pace, table
from watched.runs import LabError

ROWS = {row.name: row for row in table.load_rows()}


def taking(*seconds: float) -> tuple[Callable[[table.Row], float], list[str]]:
    """A deployment that takes so long each time, and the rows that it was asked for."""
    asked: list[str] = []
    times = iter(seconds)

    def deploy(row: table.Row) -> float:
        asked.append(row.name)
        return next(times)

    return deploy, asked


def test_both_sources_deploy_the_same_release_in_turn() -> None:
    deploy, asked = taking(300, 400, 200, 230)
    lines = pace.measure(ROWS, deploy)
    assert asked == ["zed", "zed-pypi", "zed", "zed-pypi"]
    assert lines[2:] == [
        "| Zed, packages of Debian 12 | 200 | 1 |  |",
        "| Zed, PyPI on Debian 12 | 230 | 1.15 | 1.2 |",
    ]


def test_too_slow_is_an_error() -> None:
    deploy, _asked = taking(200, 241, 200, 300)
    with pytest.raises(LabError, match="241 s, packages 200 s"):
        pace.measure(ROWS, deploy)


def test_the_page_has_a_place_for_it() -> None:
    assert f"<!-- {pace.COMMAND} -->" in pace.PAGE.read_text()
