# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scenario nova_only deploys exactly what docs/nova-alone.md shows, and docs/tls.md for servers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/nova-alone.md").read_text()


@pytest.mark.parametrize(
    ("position", "name"),
    [(0, "inventory/group_vars/all.yml"), (1, "converge.yml")],
    ids=["variables", "playbook"],
)
def test_the_scenario_is_the_example(position: int, name: str) -> None:
    example = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[position]
    assert (ROOT / "molecule/nova_only" / name).read_text() == "---\n" + example


def test_servers_with_tls_are_used_as_the_documentation_says() -> None:
    chapter = (ROOT / "docs/tls.md").read_text().split("## A database or a message queue of your own\n")[1]
    (example,) = re.findall(r"```yaml\n(.*?)```", chapter.split("\n## ")[0], re.DOTALL)
    plays = yaml.safe_load((ROOT / "molecule/nova_only/servers_with_tls.yml").read_text())
    imported = {play["ansible.builtin.import_playbook"]: play for play in plays[-2:]}
    assert set(imported) == {"stackwright.nova.nova", "stackwright.nova.verify"}
    assert [play["vars"] for play in imported.values()] == [yaml.safe_load(example)] * 2
