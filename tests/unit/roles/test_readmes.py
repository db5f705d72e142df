# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""READMEs and docs/variables.md say of the variables what the argument specifications and the defaults say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import role_tables
import yaml

ROLES = {role.name: role for role in role_tables.ROLES}


DEFAULTS = """\
# Required: where it listens.
# it_address: 192.0.2.1
it_kinds: ["{{ 'a' }}"]
# --- Names ----------
it_name: ""
it_port: "{{ __it_port }}"
# --- Files ----------
it_files: {ca: abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz-abcdefghijklmnopqrstuvwxyz}
it_times: "{{ it_many }}"
"""


@pytest.fixture
def role(tmp_path: Path) -> Path:
    """A role with something of each kind."""
    options: dict[str, Any] = {
        "it_address": {"description": ["Where it listens."], "required": True},
        "it_kinds": {"type": "list", "elements": "str", "choices": ["", "a", "b"], "description": "Kinds."},
        "it_files": {"type": "dict", "description": "Files.", "options": {"ca": {"description": "a | b"}}},
        "it_name": {"description": "A name, such as C(a).", "default": ""},
        "it_port": {"description": ["Its port.", "By default that of O(main:it_name)."]},
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
    (tmp_path / "defaults/main.yml").write_text(DEFAULTS)
    return tmp_path


def test_a_table_has_every_variable_and_no_inner_one(role: Path) -> None:
    assert role_tables.lines(role, "###") == [
        "| variable | type | default | meaning |",
        "| --- | --- | --- | --- |",
        "| `it_address` | str | required | Where it listens. |",
        "| `it_kinds` | list of str | `[\"{{ 'a' }}\"]` | Kinds. Any of `a`, `b`. |",
        "",
        "### Files",
        "",
        "| variable | type | default | meaning |",
        "| --- | --- | --- | --- |",
        "| `it_files` | dict | see defaults | Files. |",
        "| `it_files.ca` | str |  | a \\| b |",
        "",
        "### Names",
        "",
        "| variable | type | default | meaning |",
        "| --- | --- | --- | --- |",
        '| `it_name` | str | `""` | A name, such as `a`. |',
        "| `it_port` | str | that of `it_name` | Its port. |",
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
    assert bool(role_tables.lines(ROLES[name], "###")) == (
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


@pytest.mark.parametrize("name", sorted(ROLES))
def test_the_comments_of_the_defaults_say_the_same(name: str) -> None:
    text = (ROLES[name] / "defaults/main.yml").read_text()
    assert text == role_tables.commented(ROLES[name]), "Run make readmes"


def test_a_comment_describes_what_stands_below_it(role: Path) -> None:
    assert role_tables.commented(role) == DEFAULTS.replace(
        "Required: where it listens.", "Required. Where it listens."
    ).replace("it_kinds:", "# Kinds. Any of a, b.\nit_kinds:").replace(
        "it_name:", "# A name, such as a.\nit_name:"
    ).replace("it_port:", "# Its port.\nit_port:").replace("it_files:", "# Files.\nit_files:")


def test_the_page_of_all_variables_says_the_same() -> None:
    assert role_tables.PAGE.read_text() == role_tables.page(), "Run make readmes"


def test_the_page_says_what_each_default_is() -> None:
    """A default that is too long for the table has a sentence that begins with "By default"."""
    assert "see defaults" not in role_tables.PAGE.read_text()


def test_the_page_has_every_variable_of_every_role() -> None:
    """Those of the defaults too: what an operator can set has a row."""
    rows = set(re.findall(r"^\| `(\w+)` ", role_tables.PAGE.read_text(), re.MULTILINE))
    public = {
        name
        for role in ROLES.values()
        for name in yaml.safe_load((role / "defaults/main.yml").read_text()) or ()
    }
    assert public - rows == set()
