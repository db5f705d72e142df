# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the documents name is there, and what is there is not promised for later."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md")),
    *sorted(ROOT.glob("docs/**/*.md")),
    *sorted(ROOT.glob("roles/*/README.md")),
]
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = (
    "docs",
    "inventories",
    "measure",
    "molecule",
    "playbooks",
    "plugins",
    "roles",
    "tests",
    "tools",
)
# A path below one of these folders, without placeholders.
PATH = re.compile(rf"(?:{'|'.join(FOLDERS)})/[\w./-]*\w")
# `make` with a target that is no word of the text.
MAKE = re.compile(r"^(?:\S+ )*make ((?:[a-z][a-z-]* ?)+)")
FULL_NAME = re.compile(r"stackwright\.nova\.(\w+)")
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text(), re.MULTILINE))
PLACES = ("playbooks", "plugins/modules", "plugins/filter", "plugins/callback")
NAMES = {
    path.stem for folder in PLACES for path in (ROOT / folder).iterdir() if path.suffix in (".py", ".yml")
}
NAMES |= {path.name for path in (ROOT / "roles").iterdir()}
NAMES |= set(yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["action_groups"])
# Said of several controllers and of a lost one once; both are there.
OUTDATED = ("not deployed yet", "one host is the controller", "a controller that is lost: not yet")

pages = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@pages
def test_files_that_a_page_names_are_there(page: Path) -> None:
    named = {code for code in CODE.findall(page.read_text()) if PATH.fullmatch(code)}
    places = (ROOT, page.parent)
    assert {name for name in named if not any((place / name).exists() for place in places)} == set()


@pages
def test_names_of_the_collection_that_a_page_uses_are_there(page: Path) -> None:
    assert set(FULL_NAME.findall(page.read_text())) - NAMES == set()


@pages
def test_targets_of_make_that_a_page_names_are_there(page: Path) -> None:
    calls = [match[1].split() for code in CODE.findall(page.read_text()) if (match := MAKE.match(code))]
    assert {target for call in calls for target in call} - TARGETS == set()


@pages
def test_a_page_does_not_promise_what_is_there(page: Path) -> None:
    text = " ".join(page.read_text().lower().split())
    assert [phrase for phrase in OUTDATED if phrase in text] == []


def test_the_steps_of_services_are_those_of_the_table() -> None:
    rows = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "roles/service/README.md").read_text(), re.MULTILINE))
    assert rows == {path.stem for path in (ROOT / "roles/service/tasks").glob("*.yml")}


@pytest.mark.parametrize("role", sorted(path.name for path in (ROOT / "roles").iterdir()))
def test_entry_points_that_a_role_describes_are_there(role: str) -> None:
    text = (ROOT / f"roles/{role}/README.md").read_text().partition("## Variables")[0]
    table = text.partition("| `tasks_from` |")[2].partition("\n\n")[0]
    cells = re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)`", cell)}
    assert {name for name in named if not (ROOT / f"roles/{role}/tasks/{name}.yml").exists()} == set()


def test_the_clients_of_the_drawing_are_there() -> None:
    (line,) = re.findall(r"^│  (\w+(?: · \w+)+) +│$", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE)
    clients = {path.stem for path in (ROOT / "plugins/module_utils/_clients").glob("*.py")}
    assert set(line.split(" · ")) <= clients
