# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What users' CI runs is there, and is the same on both services."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from releases.table import load_rows

ROOT = Path(__file__).parents[3]
GITHUB = ROOT / ".github/workflows/tests.yml"
GITLAB = ROOT / ".gitlab-ci.yml"


def matrices() -> dict[str, dict[str, list[str]]]:
    """What each service runs: targets of make, scenarios, and rows of README's table of releases."""
    github: dict[str, Any] = yaml.safe_load(GITHUB.read_text())["jobs"]
    gitlab: dict[str, Any] = yaml.safe_load(GITLAB.read_text())
    return {
        "GitHub": {
            "targets": github["checks"]["strategy"]["matrix"]["target"],
            "scenarios": github["molecule"]["strategy"]["matrix"]["scenario"],
            "releases": github["releases"]["strategy"]["matrix"]["release"],
        },
        "GitLab": {
            "targets": gitlab["checks"]["parallel"]["matrix"][0]["TARGET"],
            "scenarios": gitlab["molecule"]["parallel"]["matrix"][0]["SCENARIO"],
            "releases": gitlab["releases"]["parallel"]["matrix"][0]["RELEASE"],
        },
    }


@pytest.mark.parametrize("service", ["GitHub", "GitLab"])
def test_it_is_there(service: str) -> None:
    there = matrices()[service]
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(there["targets"]) <= set(targets)
    assert set(there["releases"]) <= {row.name for row in load_rows()}
    assert all((ROOT / f"molecule/{scenario}/molecule.yml").exists() for scenario in there["scenarios"])


def test_both_run_the_same() -> None:
    there = matrices()
    assert there["GitHub"] == there["GitLab"]


def test_both_run_what_the_community_asks_for() -> None:
    assert all({"package", "sanity"} <= set(there["targets"]) for there in matrices().values())


def test_both_run_the_scenario_on_virtual_machines() -> None:
    github = yaml.safe_load(GITHUB.read_text())["jobs"]["machines"]
    gitlab = yaml.safe_load(GITLAB.read_text())["machines"]
    assert github["steps"][-1]["run"] == "make molecule-vm"
    assert gitlab["script"] == ["make molecule-vm"]
    assert "--device=/dev/kvm" in github["container"]["options"]


def test_the_manual_tells_of_every_scenario() -> None:
    manual = (ROOT / "docs/molecule.md").read_text()
    scenarios = {path.parent.name for path in ROOT.glob("molecule/*/molecule.yml")}
    assert {name for name in scenarios if f"`{name}`" not in manual} == set()
