# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A rotation goes on only with all hosts of the cloud; run by a real ansible-playbook process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

INVENTORY = """
[controller]
controller1
[compute]
compute1
compute2
[all:vars]
ansible_connection=local
"""
PLAY = """
- hosts: controller:compute
  gather_facts: false
  tasks:
    - name: Reach all hosts
      ansible.builtin.import_role: {name: stackwright.nova.cloud, tasks_from: together}
      vars: {__cloud_stage: reached}

- hosts: compute
  gather_facts: false
  tasks:
    - name: Fail where it is asked for
      ansible.builtin.assert: {that: inventory_hostname != broken | default('')}

- hosts: controller:compute
  gather_facts: false
  tasks:
    - name: Configure all hosts
      ansible.builtin.import_role: {name: stackwright.nova.cloud, tasks_from: together}
      vars: {__cloud_stage: configured}

    - name: Change the accounts
      ansible.builtin.debug: {msg: accounts are changed}
"""


def play(tmp_path: Path, *options: str) -> str:
    (tmp_path / "hosts.ini").write_text(INVENTORY)
    (tmp_path / "play.yml").write_text(PLAY)
    program = Path(sys.executable).with_name("ansible-playbook")
    argv = [program, "-i", tmp_path / "hosts.ini", tmp_path / "play.yml", *options]
    done = subprocess.run(
        argv, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False, timeout=120
    )
    return " ".join((done.stdout + done.stderr).split())


def test_all_hosts_go_on_together(tmp_path: Path) -> None:
    assert "accounts are changed" in play(tmp_path)


def test_a_host_that_is_left_out_stops_all(tmp_path: Path) -> None:
    output = play(tmp_path, "--limit", "controller1,compute1")
    assert (
        "Cannot rotate passwords on compute2: excluded by --limit, unreachable, or failed earlier" in output
    )
    assert "accounts are changed" not in output


def test_a_host_that_fails_on_the_way_stops_all(tmp_path: Path) -> None:
    output = play(tmp_path, "--extra-vars", "broken=compute1")
    assert "Cannot rotate passwords on compute1: excluded" in output
    assert "accounts are changed" not in output
