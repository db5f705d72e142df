# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Roles that somebody includes know the variables that they use: defaults of a role come by its dependencies alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROLES = sorted(role for role in (Path(__file__).parents[3] / "roles").iterdir() if role.name != "cloud")


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_a_role_that_uses_the_description_of_the_cloud_depends_on_it(role: Path) -> None:
    texts = [
        path.read_text() for path in role.glob("*/*.yml") if path.parent.name in ("tasks", "vars", "defaults")
    ]
    dependencies = yaml.safe_load((role / "meta/main.yml").read_text())["dependencies"]
    described = {"role": "stackwright.nova.cloud"} in dependencies
    assert described == any("cloud_" in text for text in texts)


def test_the_defaults_of_a_dependency_reach_a_role_that_an_included_one_imports(tmp_path: Path) -> None:
    """What the test above stands on, and what ansible-core may change."""
    files = {
        "roles/cloud/defaults/main.yml": "steps: [units]\n",
        "roles/compute/meta/main.yml": "dependencies: [{role: cloud}]\n",
        "roles/compute/tasks/main.yml": "- import_role: {name: service}\n",
        "roles/service/meta/main.yml": "dependencies: [{role: cloud}]\n",
        "roles/service/tasks/main.yml": "- assert: {that: \"'units' in steps\"}\n",
        "play.yml": "- {hosts: localhost, gather_facts: false, tasks: [{include_role: {name: compute}}]}\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    play = [Path(sys.executable).with_name("ansible-playbook"), "-i", "localhost,", "-c", "local", "play.yml"]
    assert subprocess.run(play, cwd=tmp_path, env={"PATH": "/usr/bin:/bin"}, check=False).returncode == 0
