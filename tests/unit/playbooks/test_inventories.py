# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible reads the inventories that this repository shows and uses without a warning."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[3]


def inventory(name: str) -> str:
    """The text of an inventory; Molecule makes its own from the platforms."""
    if name == "README.md":
        return re.search(r"```ini\n# hosts\.ini\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)[1]
    text = (ROOT / name).read_text()
    if not name.startswith("molecule"):
        return text
    groups: dict[str, dict[str, dict[str, None]]] = {}
    for platform in yaml.safe_load(text)["platforms"]:
        groups.setdefault(platform["groups"][0], {"hosts": {}})["hosts"][platform["name"]] = None
    return yaml.safe_dump(groups)


@pytest.mark.parametrize(
    "name",
    [
        "README.md",
        "inventories/local/hosts.yml",
        "molecule/default/molecule.yml",
        "tests/integration/inventory/all_in_one.yml",
    ],
)
def test_no_warning_comes_of_the_names(tmp_path: Path, name: str) -> None:
    path = tmp_path / ("hosts.ini" if name == "README.md" else "hosts.yml")
    path.write_text(inventory(name))
    program = Path(sys.executable).with_name("ansible-inventory")
    done = subprocess.run(
        [program, "-i", path, "--list"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert "_meta" in done.stdout
