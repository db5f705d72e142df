# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Texts of the repository become pages of the site, and their links lead from page to page."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from docsite import pages

ROOT = Path(__file__).parents[3]
REPOSITORY = "https://example.org/nova"
KNOWN = {
    "README.md": "overview",
    "docs/hosts.md": "hosts",
    "docs/rotation.md": "rotation",
    "roles/cloud/README.md": "roles/cloud",
}
INDEX = (ROOT / "tools/docsite/sphinx/index.md").read_text()


def turned(text: str, origin: str = "docs/hosts.md") -> str:
    return pages.with_links(text, origin, KNOWN, ROOT, REPOSITORY)


@pytest.mark.parametrize(
    ("origin", "text", "expected"),
    [
        ("docs/hosts.md", "[a](rotation.md)", "[a](rotation.md)"),
        ("docs/hosts.md", "[a](../README.md#example)", "[a](overview.md#example)"),
        ("README.md", "[a](docs/hosts.md), [b](roles/cloud/README.md)", "[a](hosts.md), [b](roles/cloud.md)"),
        ("roles/cloud/README.md", "[a](../../docs/hosts.md)", "[a](../hosts.md)"),
        (
            "roles/cloud/README.md",
            "[a](defaults/main.yml)",
            f"[a]({REPOSITORY}/blob/main/roles/cloud/defaults/main.yml)",
        ),
        ("README.md", "[a](roles)", f"[a]({REPOSITORY}/tree/main/roles)"),
        (
            "roles/cloud/README.md",
            "[a](../../plugins/modules/nova_db.py)",
            "[a](../reference/nova_db_module.rst)",
        ),
        ("docs/hosts.md", "![a](images/cloud.svg)", "![a](images/cloud.svg)"),
        (
            "roles/cloud/README.md",
            f"[a]({REPOSITORY}/blob/main/docs/hosts.md#names)",
            "[a](../hosts.md#names)",
        ),
        ("README.md", f"[docs/hosts.md]: {REPOSITORY}/blob/main/docs/hosts.md", "[docs/hosts.md]: hosts.md"),
        ("README.md", "[a](https://other.example/docs/hosts.md)", "[a](https://other.example/docs/hosts.md)"),
        ("README.md", "[a](#contents)", "[a](#contents)"),
    ],
)
def test_a_link_leads_to_the_page(origin: str, text: str, expected: str) -> None:
    assert turned(text, origin) == expected


@pytest.mark.parametrize("text", ["`Step[Client](x)`", "```console\n[a](nowhere.md)\n```\n", "``[a](b`c)``"])
def test_code_has_no_links(text: str) -> None:
    assert turned(text) == text


@pytest.mark.parametrize("text", ["[a](nowhere.md)", "[a](../roles/nowhere)", "[nowhere]: nowhere.md"])
def test_a_link_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(
        pages.LinkError, match=r"^Cannot link .*nowhere.* from docs/hosts.md: there is no such file\."
    ):
        turned(text)


def test_every_text_is_a_page_and_every_page_is_in_the_menu() -> None:
    names = set(pages.pages(ROOT).values())
    assert {path.stem for path in ROOT.glob("docs/*.md")} <= names
    assert {f"evidence/{path.stem}" for path in ROOT.glob("docs/evidence/*.md")} <= names
    assert {f"roles/{path.parent.name}" for path in ROOT.glob("roles/*/README.md")} <= names
    trees = "".join(re.findall(r"```\{toctree\}(.*?)```", INDEX, re.DOTALL))
    menu = set(re.findall(r"^(?:.* <)?([\w/-]+)>?$", trees, re.MULTILINE))
    assert {name for name in names if not name.startswith("roles/")} <= menu


def test_the_links_of_all_pages_lead_somewhere() -> None:
    known = pages.pages(ROOT)
    for origin in known:
        assert pages.with_links((ROOT / origin).read_text(), origin, known, ROOT, REPOSITORY)


# --- Pictures ---------------------------------------------------------------------------------------------------------

PICTURES = sorted((ROOT / "docs/images").glob("*.svg"))
SVG = "{http://www.w3.org/2000/svg}"


def words(name: str, style: str | None = None) -> list[str]:
    """The texts of a picture, in their order."""
    root = ElementTree.parse(ROOT / f"docs/images/{name}.svg").getroot()
    return [one.text or "" for one in root.iter(f"{SVG}text") if style is None or one.get("class") == style]


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.stem)
def test_a_picture_says_what_it_shows_and_is_shown(path: Path) -> None:
    root = ElementTree.parse(path).getroot()
    assert root.findtext(f"{SVG}title")
    assert root.findtext(f"{SVG}desc")
    assert f"images/{path.name}" in (ROOT / "docs/architecture.md").read_text()


def test_the_picture_of_a_deployment_has_the_playbooks_and_steps_in_their_order() -> None:
    def imported(playbook: str) -> list[str]:
        plays = yaml.safe_load((ROOT / f"playbooks/{playbook}.yml").read_text())
        return [play["ansible.builtin.import_playbook"].removesuffix(".yml") for play in plays]

    steps = yaml.safe_load((ROOT / "roles/cloud/defaults/main.yml").read_text())["cloud_steps"]
    assert words("deployment", "title") == [*imported("site"), "verify", *steps]


def test_the_picture_of_a_deployment_has_the_roles_of_each_playbook() -> None:
    shown = words("deployment", "code")
    names = words("deployment", "title")[: len(shown)]
    for playbook, roles in zip(names, shown):
        text = (ROOT / f"playbooks/{playbook}.yml").read_text()
        used = re.findall(r"(?:role|name): stackwright\.nova\.(\w+)", text)
        # The description of the cloud comes with every role.
        named = list(dict.fromkeys(role for role in used if role != "cloud")) or ["cloud"]
        assert roles.split(" · ") == named


def test_the_picture_of_a_module_has_the_files_of_each_module() -> None:
    files = {word for word in words("module", "code") if word.endswith(".py") and "/" not in word}
    for module in ("nova_db", "cell_v2"):
        assert {
            name for name in files if not (ROOT / f"plugins/module_utils/_{module}/{name}").exists()
        } == set()
    assert "plugins/modules/NAME.py" in words("module", "code")
