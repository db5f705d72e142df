# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links lead somewhere. Galaxy shows the READMEs on pages of its own, so there they must be whole URLs."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
REPOSITORY = yaml.safe_load((ROOT / "galaxy.yml").read_text())["repository"]
ON_GALAXY = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(ROOT.glob("roles/*/README.md"))]
_LISTED = subprocess.run(
    ["git", "-c", f"safe.directory={ROOT}", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
    cwd=ROOT,
    check=True,
    capture_output=True,
    text=True,
)
PAGES = [ROOT / name for name in _LISTED.stdout.split() if (ROOT / name).exists()]
INLINE = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")
DEFINITION = re.compile(r"^\[([^\]]+)\]: (\S+)$", re.MULTILINE)
REFERENCE = re.compile(r"(?<![\]`\w])\[([^\]]+)\](?![(:\]])")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def prose(page: Path) -> str:
    """The text of a page without code."""
    return CODE.sub("code", page.read_text())


def targets(page: Path) -> set[str]:
    """What the links of a page lead to."""
    text = prose(page)
    return {*INLINE.findall(text), *(target for _name, target in DEFINITION.findall(text))}


def anchors(page: Path) -> set[str]:
    """The places of a page that links can name, as GitHub and Galaxy derive them of headings."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def lost(target: str, page: Path) -> bool:
    """Whether a link leads to a file or heading of this repository that is not there."""
    for beginning in (f"{REPOSITORY}/blob/main/", f"{REPOSITORY}/tree/main/"):
        if target.startswith(beginning):
            target, page = target[len(beginning) :], ROOT / "README.md"
    if "://" in target:
        return False
    path, _sharp, anchor = target.partition("#")
    file = page.parent / path if path else page
    return not file.exists() or (bool(anchor) and anchor not in anchors(file))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert {target for target in targets(page) if lost(target, page)} == set()


@pytest.mark.parametrize("page", ON_GALAXY, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_work_on_galaxy(page: Path) -> None:
    assert {target for target in targets(page) if not target.startswith(("https://", "#"))} == set()


def test_references_are_defined_and_definitions_used() -> None:
    text = prose(ROOT / "README.md")
    defined = {name for name, _target in DEFINITION.findall(text)}
    assert defined == set(REFERENCE.findall(DEFINITION.sub("", text)))


def test_a_lost_link_is_found() -> None:
    page = ROOT / "README.md"
    assert lost("docs/nowhere.md", page)
    assert lost(f"{REPOSITORY}/blob/main/docs/nowhere.md", page)
    assert lost("docs/hosts.md#nowhere", page)
    assert not lost(f"{REPOSITORY}/blob/main/docs/hosts.md", page)
