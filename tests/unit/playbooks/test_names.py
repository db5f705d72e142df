# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova knows hosts by their own names: what is asked of it uses these, whatever the inventory calls the hosts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.secrets import OWNERS

ROOT = Path(__file__).parents[3]
INVENTORY = """
[controller]
lead
[compute]
worker-a
worker-b
worker-c
[all:vars]
ansible_connection=local
"""
FILES = [str(ROOT / f"roles/{role}/defaults/main.yml") for role in ("cloud", "verify")]
PLATFORM = {"ansible_distribution": "Debian", "ansible_distribution_major_version": "12"}
PLAYS = [
    # One that has the role's name for it, one that only was asked, and two that were not.
    {
        "hosts": "lead,worker-a,worker-b",
        "gather_facts": False,
        "tasks": [
            {"ansible.builtin.setup": {"gather_subset": ["!all", "!min", "platform"]}},
            {
                "ansible.builtin.set_fact": {"__compute_name": "named-in-nova.conf"},
                "when": "inventory_hostname == 'worker-b'",
            },
        ],
    },
    {
        "hosts": "lead",
        "gather_facts": False,
        "vars_files": [*FILES, str(ROOT / "roles/cloud/vars/main.yml")],
        "vars": {"cloud_management_address": "192.0.2.11", **dict.fromkeys(OWNERS, "given")},
        "tasks": [
            # The machine that tests may be of any platform.
            {"ansible.builtin.set_fact": {**PLATFORM, "cacheable": True}},
            {"stackwright.nova.cloud_description": {}, "register": "__cloud_description"},
            {
                "ansible.builtin.copy": {
                    "content": "{{ [verify_controllers, verify_computes] | to_json }}",
                    "dest": "{{ out }}",
                }
            },
        ],
    },
]


def test_hosts_are_known_by_their_own_names(tmp_path: Path) -> None:
    (tmp_path / "hosts.ini").write_text(INVENTORY)
    (tmp_path / "play.yml").write_text(json.dumps(PLAYS))
    program = Path(sys.executable).with_name("ansible-playbook")
    variables = {"out": str(tmp_path / "out"), "ansible_python_interpreter": sys.executable}
    done = subprocess.run(
        [program, "-i", tmp_path / "hosts.ini", tmp_path / "play.yml", "-e", json.dumps(variables)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    own = os.uname().nodename
    assert json.loads((tmp_path / "out").read_text()) == [[own], [own, "named-in-nova.conf", "worker-c"]]
