# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The map in CONTRIBUTING leads from each module to its clients and its tests, as they are."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
UTILS = ROOT / "plugins/module_utils"
ROW = re.compile(
    r"^\| `(?P<module>\w+)` \| (?P<outside>[^|]+) \| (?P<clients>[^|]*) \| (?P<tests>[^|]*) \|$", re.M
)
ROWS = {row["module"]: row for row in ROW.finditer((ROOT / "CONTRIBUTING.md").read_text())}
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))
KINDS = {"unit": "tests/unit", "contract": "tests/contract", "integration": "tests/integration/targets"}


def clients(module: str) -> set[str]:
    """The clients that a module's folder and its door import."""
    found = set()
    for path in (*(UTILS / f"_{module}").glob("*.py"), ROOT / f"plugins/modules/{module}.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and "_clients" in (node.module or "").split("."):
                rest = (node.module or "").split("_clients")[1].strip(".")
                found |= {rest} if rest else {alias.name for alias in node.names}
    return found


def named(cell: str) -> set[str]:
    return {word.strip() for word in cell.split(",") if word.strip()}


def test_the_map_has_every_module() -> None:
    assert sorted(ROWS) == MODULES


@pytest.mark.parametrize("module", MODULES)
def test_the_map_tells_what_a_module_talks_to(module: str) -> None:
    assert ROWS[module]["outside"].strip()
    assert named(ROWS[module]["clients"]) == clients(module)


@pytest.mark.parametrize("module", MODULES)
def test_the_map_leads_to_all_tests_of_a_module(module: str) -> None:
    places = {kind: ROOT / folder / module for kind, folder in KINDS.items()}
    there = {kind for kind, path in places.items() if path.exists()}
    there |= {"unit"} if (ROOT / f"tests/unit/action/test_{module}.py").exists() else set()
    assert named(ROWS[module]["tests"]) == there
