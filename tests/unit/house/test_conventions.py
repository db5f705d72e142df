# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What make sanity would find as well, told within a second; and what it takes from files of ours."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
import yaml
from collection.matrix_table import table

ROOT = Path(__file__).parents[3]
CODE = [
    path
    for folder in ("measure", "molecule", "plugins", "tests", "tools")
    for path in sorted((ROOT / folder).rglob("*.py"))
]
FRAGMENTS = sorted((ROOT / "changelogs/fragments").glob("*"))
CHANGELOG: dict[str, Any] = yaml.safe_load((ROOT / "changelogs/config.yaml").read_text())


def nameless(text: str) -> list[int]:
    """The lines where something is called ``_``, which ansible-test keeps for translations."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(text))
        if (isinstance(node, ast.Name) and node.id == "_") or (isinstance(node, ast.arg) and node.arg == "_")
    ]


def test_everything_has_a_name() -> None:
    assert nameless("for _ in range(3):\n    f(lambda _: 1)") == [1, 2]
    found = {str(path.relative_to(ROOT)): nameless(path.read_text()) for path in CODE}
    assert {path: lines for path, lines in found.items() if lines} == {}


@pytest.mark.parametrize("path", FRAGMENTS, ids=lambda path: path.name)
def test_a_fragment_is_lists_of_sentences_in_known_sections(path: Path) -> None:
    assert path.suffix == ".yml"
    fragment = yaml.safe_load(path.read_text())
    summary = fragment.pop(CHANGELOG["prelude_section_name"], "")
    assert isinstance(summary, str)
    assert set(fragment) <= {
        *(name for name, _title in CHANGELOG["sections"]),
        CHANGELOG["trivial_section_name"],
    }
    sentences = [one for section in fragment.values() for one in section]
    assert [one for one in [*sentences, *filter(None, [summary])] if not one.endswith(".")] == []


def test_playbooks_import_each_other_by_their_files() -> None:
    """Galaxy's linter reads the tarball where no collection is installed, and finds no full names."""
    plays = [play for path in (ROOT / "playbooks").glob("*.yml") for play in yaml.safe_load(path.read_text())]
    imported = [play["ansible.builtin.import_playbook"] for play in plays if "hosts" not in play]
    assert imported
    assert [name for name in imported if not (ROOT / "playbooks" / name).is_file()] == []


def test_nothing_is_ignored() -> None:
    assert sorted((ROOT / "tests/sanity").glob("ignore*")) == []


def test_the_execution_environment_names_files_that_are_there() -> None:
    needs = yaml.safe_load((ROOT / "meta/execution-environment.yml").read_text())["dependencies"]
    assert needs
    assert [path for path in needs.values() if not (ROOT / path).is_file()] == []


def test_the_matrix_has_a_column_for_each_python_of_hosts() -> None:
    results = [
        "2.17.14\t3.10\tyes\t9 passed\t3.9:yes 3.13:not_declared_by_it",
        "2.19.13\t3.11\tyes\t9 passed\t3.9:yes 3.13:yes",
        "2.20\t3.12\tno Python",
    ]
    assert table(results) == [
        "| ansible-core | its Python | playbooks read | unit tests | host: 3.9 | host: 3.13 |",
        "| --- | --- | --- | --- | --- | --- |",
        "| 2.17.14 | 3.10 | yes | 9 passed | yes | not declared by it |",
        "| 2.19.13 | 3.11 | yes | 9 passed | yes | yes |",
        "| 2.20 | 3.12 | no Python |  |  |  |",
    ]
