# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role verify makes of its variables and of results, as Ansible itself evaluates it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
DISK = "/var/cache/stackwright/guest/disk.qcow2"
KERNEL, INITRAMFS = (f"/var/cache/stackwright/guest/{name}" for name in ("kernel", "initramfs"))


def part(state: str) -> dict[str, Any]:
    return {
        "part": "x",
        "subject": "",
        "state": state,
        "detail": "",
        "seconds": 0.0,
        "evidence": [],
        "remedy": "",
    }


def instance(proven: bool, *states: str) -> dict[str, Any]:
    return {"proven": proven, "parts": [part(state) for state in states]}


def cloud(state: str) -> dict[str, Any]:
    return {"parts": [part(state)]}


# By name: variables, what is evaluated, and what must come out.
CASES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "only the disk": ({}, "__verify_guest", {"disk": DISK, "command_line": "console=ttyS0"}),
    "with a kernel": (
        {
            "verify_guest_files": {"kernel": "/k", "initramfs": "/i", "disk": "/d"},
            "verify_guest_command_line": "quiet",
        },
        "__verify_guest",
        {"kernel": KERNEL, "initramfs": INITRAMFS, "disk": DISK, "command_line": "quiet"},
    ),
    "all is proven": (
        {"__verify_instance_result": instance(True, "proven")},
        "__verify_report.proven",
        True,
    ),
    "no host to move to": (
        {"__verify_instance_result": instance(True, "proven", "skipped")},
        "__verify_report.proven",
        True,
    ),
    "a part is missing": (
        {"__verify_instance_result": instance(False, "proven", "missing")},
        "__verify_report.proven",
        False,
    ),
    "check mode": (
        {"__verify_instance_result": instance(False, "skipped")},
        "__verify_report.proven",
        False,
    ),
    "nothing was booted": (
        {"__verify_instance_result": {"skipped": True, "changed": False}, "verify_instance": False},
        "__verify_report.proven",
        False,
    ),
    "the module broke": (
        {"__verify_instance_result": {"failed": True, "msg": "no Python"}},
        "__verify_report.proven",
        False,
    ),
    "agents of this collection": (
        {},
        "verify_agents",
        {
            "controller1": [f"neutron-{name}-agent" for name in ("l3", "dhcp", "metadata", "linuxbridge")],
            "compute1": ["neutron-linuxbridge-agent"],
        },
    ),
    "agents of the site": (
        {"cloud_neighbours": ["keystone"]},
        "verify_agents",
        {"controller1": [], "compute1": []},
    ),
    "a service is missing": (
        {"__verify_instance_result": instance(True, "proven"), "__verify_services_result": cloud("missing")},
        "__verify_report.proven",
        False,
    ),
}
GIVEN = {
    "__verify_services_result": cloud("proven"),
    "__verify_cloud_result": cloud("proven"),
    "cloud_identity_url": "http://controller:5000/v3",
    "cloud_region": "RegionOne",
    "groups": {"controller": ["controller1"]},
    "cloud_controller_group": "controller",
    "cloud_neighbours": ["keystone", "glance", "placement", "neutron"],
    "__cloud_host_names": {"controller1": "controller1"},
    "cloud_compute_hosts": ["compute1"],
}


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What comes out of all cases."""
    folder = tmp_path_factory.mktemp("verify")
    tasks = [
        {
            "name": name,
            "ansible.builtin.copy": {
                "content": "{{ " + expression + " | to_json }}",
                "dest": str(folder / name),
            },
            "vars": {**GIVEN, **variables},
        }
        for name, (variables, expression, _) in CASES.items()
    ]
    files = [str(ROOT / f"roles/verify/{kind}/main.yml") for kind in ("defaults", "vars")]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars_files": files}
    (folder / "play.yml").write_text(json.dumps([{**play, "tasks": tasks}]))
    variables = json.dumps({"ansible_python_interpreter": sys.executable})
    done = subprocess.run(
        [Path(sys.executable).with_name("ansible-playbook"), folder / "play.yml", "-e", variables],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {name: json.loads((folder / name).read_text()) for name in CASES}


@pytest.mark.parametrize("name", CASES)
def test_what_comes_out(evaluated: dict[str, Any], name: str) -> None:
    assert evaluated[name] == CASES[name][2]
