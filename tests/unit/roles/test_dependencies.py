# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles that somebody includes know the variables that they use: defaults of a role come by its dependencies alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROLES = Path(__file__).parents[3] / "roles"
NAMES = sorted(role.name for role in ROLES.iterdir() if role.name != "cloud")


@pytest.mark.parametrize("name", NAMES)
def test_a_role_that_uses_the_description_of_the_cloud_depends_on_it(name: str) -> None:
    assert ("cloud" in dependencies(name)) == ("cloud_" in text(name))


@pytest.mark.parametrize("name", NAMES)
def test_a_role_that_imports_steps_depends_on_the_role_that_has_them(name: str) -> None:
    assert ("service" in dependencies(name)) == ("../service/tasks/" in text(name))


def test_the_variables_of_a_dependency_reach_the_steps_of_a_role_that_is_included(tmp_path: Path) -> None:
    """What the tests above stand on, and what ansible-core may change."""
    files = {
        "roles/cloud/defaults/main.yml": "steps: [units]\n",
        "roles/service/meta/main.yml": "dependencies: [{role: cloud}]\n",
        "roles/service/vars/main.yml": "units: []\n",
        "roles/service/tasks/units.yml": "- assert: {that: [\"'units' in steps\", \"units == ['nova']\"]}\n",
        "roles/compute/meta/main.yml": "dependencies: [{role: service}]\n",
        "roles/compute/tasks/main.yml": (
            "- {import_tasks: ../../service/tasks/units.yml, vars: {units: [nova]}}\n"
        ),
        "play.yml": "- {hosts: localhost, gather_facts: false, tasks: [{include_role: {name: compute}}]}\n",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    play = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", "play.yml"]
    assert subprocess.run(play, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, check=False).returncode == 0


def text(name: str) -> str:
    """All that a role has for Ansible to carry out."""
    paths = (ROLES / name).glob("*/*.yml")
    return "".join(path.read_text() for path in paths if path.parent.name in ("tasks", "vars", "defaults"))


def dependencies(name: str) -> set[str]:
    """The roles that a role depends on, directly or not."""
    meta = yaml.safe_load((ROLES / name / "meta/main.yml").read_text())
    direct = {entry["role"].rpartition(".")[2] for entry in meta["dependencies"]}
    return direct.union(*map(dependencies, direct))
