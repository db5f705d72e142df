# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What comes out of templates over the variables of roles, as Ansible itself evaluates them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# Evaluated is on localhost. What a role knows of groups is always that of the inventory.
_INVENTORY = {
    "controller": {"hosts": {"controller1": {}}},
    "compute": {
        "hosts": {
            "compute1": {
                "cloud_management_address": "192.0.2.21",
                "neutron_overlay_address": "203.0.113.21",
            }
        }
    },
    "here": {"hosts": {"localhost": {}}},
}


def evaluated(
    folder: Path, files: Iterable[str], cases: Mapping[str, tuple[Mapping[str, Any], str]]
) -> dict[str, Any]:
    """Case to what comes out: its variables, over those of files of the roles, and the expression.

    ``folder`` is an empty one for what is written on the way.
    """
    tasks = [
        {
            "name": name,
            "ansible.builtin.copy": {
                "content": "{{ " + expression + " | to_json }}",
                "dest": str(folder / name),
            },
            "vars": dict(variables),
        }
        for name, (variables, expression) in cases.items()
    ]
    play = {
        "hosts": "localhost",
        "connection": "local",
        "gather_facts": False,
        "vars_files": [str(ROOT / "roles" / file) for file in files],
        "tasks": tasks,
    }
    (folder / "play.yml").write_text(json.dumps([play]))
    (folder / "hosts.yml").write_text(json.dumps({"all": {"children": _INVENTORY}}))
    variables = json.dumps({"ansible_python_interpreter": sys.executable})
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, "-i", folder / "hosts.yml", folder / "play.yml", "-e", variables],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((folder / name).read_text()) for name in cases}
