# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every module's documentation can be read and is whole, and the README names the public ones."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MODULES = sorted(path.stem for path in (ROOT / "plugins/modules").glob("*.py"))


@pytest.fixture(scope="module")
def documented() -> dict[str, dict]:
    names = [f"stackwright.nova.{module}" for module in MODULES]
    ansible_doc = Path(sys.executable).with_name("ansible-doc")
    done = subprocess.run(
        [ansible_doc, "--json", "--type", "module", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {name.rsplit(".", 1)[1]: entry for name, entry in json.loads(done.stdout).items()}


@pytest.mark.parametrize("module", MODULES)
def test_the_documentation_is_whole(documented: dict[str, dict], module: str) -> None:
    entry = documented[module]
    assert entry["examples"].strip()
    assert entry["return"]
    assert {"check_mode", "diff_mode", "idempotent"} <= set(entry["doc"]["attributes"])
    for name, option in entry["doc"].get("options", {}).items():
        assert option["description"], name


def test_the_readme_names_the_public_modules(documented: dict[str, dict]) -> None:
    chapter = (ROOT / "README.md").read_text().split("\n## Modules\n")[1].split("\nFilters:")[0]
    named = re.findall(r"`(\w+)`", chapter)
    public = [name for name, entry in documented.items() if "internal" not in entry["doc"]["attributes"]]
    assert sorted(named) == sorted(public)


@pytest.mark.parametrize("module", MODULES)
def test_the_module_is_a_thin_door(module: str) -> None:
    text = (ROOT / f"plugins/modules/{module}.py").read_text()
    code = text.rsplit('"""', 1)[1]
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith(("from ", "import "))]
    assert len(lines) <= 75
