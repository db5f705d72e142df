# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The READMEs tell of the variables what the argument specifications and the defaults say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import role_tables
import yaml

ROLES = {role.name: role for role in role_tables.ROLES}


@pytest.fixture
def role(tmp_path: Path) -> Path:
    """A role with something of each kind."""
    options: dict[str, Any] = {
        "it_address": {"description": ["Where it", "listens."], "required": True},
        "it_kinds": {"type": "list", "elements": "str", "choices": ["", "a", "b"], "description": "Kinds."},
        "it_files": {"type": "dict", "description": "Files.", "options": {"ca": {"description": "a | b"}}},
        "it_name": {"description": "A name.", "default": ""},
        "__it_inner": {"description": "Of the collection's own."},
    }
    entries = {
        "main": {"short_description": "It.", "options": options},
        "again": {
            "short_description": "Does it again.",
            "options": {"it_name": {}, "it_times": {"type": "int"}},
        },
    }
    for folder in ("meta", "defaults"):
        (tmp_path / folder).mkdir()
    (tmp_path / "meta/argument_specs.yml").write_text(
        yaml.safe_dump({"argument_specs": entries}, sort_keys=False)
    )
    defaults = {"it_kinds": ["{{ 'a' }}"], "it_files": {"ca": "x" * 100}, "it_times": "{{ it_many }}"}
    (tmp_path / "defaults/main.yml").write_text(yaml.safe_dump(defaults))
    return tmp_path


def test_a_table_has_every_variable_and_no_inner_one(role: Path) -> None:
    assert role_tables.lines(role) == [
        "| variable | type | default | meaning |",
        "| --- | --- | --- | --- |",
        "| `it_address` | str | required | Where it listens. |",
        "| `it_kinds` | list of str | `[\"{{ 'a' }}\"]` | Kinds. One of `a`, `b`. |",
        "| `it_files` | dict | see defaults | Files. |",
        "| `it_files.ca` | str |  | a \\| b |",
        '| `it_name` | str | `""` | A name. |',
        "",
        "With `tasks_from: again`: does it again.",
        "",
        "| variable | type | default | meaning |",
        "| --- | --- | --- | --- |",
        "| `it_times` | int | `{{ it_many }}` |  |",
    ]


@pytest.mark.parametrize("name", sorted(ROLES))
def test_the_readme_says_the_same(name: str) -> None:
    assert (ROLES[name] / "README.md").read_text() == role_tables.written(ROLES[name]), "Run make readmes"


@pytest.mark.parametrize("name", sorted(ROLES))
def test_the_readme_has_room_for_its_variables(name: str) -> None:
    assert bool(role_tables.lines(ROLES[name])) == (
        f"<!-- {role_tables.COMMAND} -->" in (ROLES[name] / "README.md").read_text()
    )


@pytest.mark.parametrize("name", sorted(ROLES))
def test_defaults_of_both_files_are_the_same(name: str) -> None:
    entries = yaml.safe_load((ROLES[name] / "meta/argument_specs.yml").read_text())["argument_specs"]
    defaults = yaml.safe_load((ROLES[name] / "defaults/main.yml").read_text()) or {}
    specified = {
        option: spec["default"]
        for entry in entries.values()
        for option, spec in entry["options"].items()
        # The others are of a playbook.
        if "default" in spec and option.startswith(f"{name}_")
    }
    assert {option: defaults.get(option) for option in specified} == specified
