# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role starter makes of its variables, as Ansible itself evaluates it, and what the demo gives it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_resources.parameters import ARGUMENTS
from testhosts.plan import Lab

ROOT = Path(__file__).parents[3]
LISTS = ("flavors", "images", "networks", "subnets", "routers", "security_groups", "keypairs", "quotas")
EXTERNAL = {"starter_external_cidr": "203.0.113.0/24"}
POOLS = [{"start": "203.0.113.100", "end": "203.0.113.200"}]

# By name: variables, a list of the module, and what must be in it.
CASES: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a tenant's network alone": ({}, "networks", [{"name": "private"}]),
    "its subnet": (
        {},
        "subnets",
        [{"name": "private", "network": "private", "cidr": "192.168.100.0/24"}],
    ),
    "a router that leads nowhere": ({}, "routers", [{"name": "router", "subnets": ["private"]}]),
    "rules": (
        {},
        "security_groups",
        [{"rules": [{"protocol": "icmp"}, {"protocol": "tcp", "ports": "22"}]}],
    ),
    "no rules": ({"starter_rules": []}, "security_groups", []),
    "an external network": (
        {**EXTERNAL, "neutron_provider_network": "physnet1"},
        "networks",
        [
            {
                "name": "public",
                "external": True,
                "provider_network_type": "flat",
                "provider_physical_network": "physnet1",
            },
            {"name": "private"},
        ],
    ),
    "an external VLAN alone": (
        {**EXTERNAL, "starter_external_vlan": 7, "starter_network": ""},
        "networks",
        [
            {
                "name": "public",
                "external": True,
                "provider_network_type": "vlan",
                "provider_physical_network": "provider",
                "provider_segmentation_id": 7,
            }
        ],
    ),
    "its addresses": (
        {
            **EXTERNAL,
            "starter_external_gateway": "203.0.113.1",
            "starter_external_pools": POOLS,
            "starter_network": "",
        },
        "subnets",
        [
            {
                "name": "public",
                "network": "public",
                "cidr": "203.0.113.0/24",
                "dhcp": False,
                "gateway": "203.0.113.1",
                "allocation_pools": POOLS,
            }
        ],
    ),
    "a router of a project that leads out": (
        {**EXTERNAL, "starter_project": "research"},
        "routers",
        [
            {
                "name": "router",
                "subnets": ["private"],
                "external_network": "public",
                "project": "research",
            }
        ],
    ),
    "images of files are taken where the role puts them": (
        {"starter_images": [{"name": "a", "file": 'x/o"dd.img'}, {"name": "b", "url": "http://x/y"}]},
        "images",
        [{"name": "b", "url": "http://x/y"}, {"name": "a", "file": '/var/lib/stackwright/images/o"dd.img'}],
    ),
    "data instead": ({"starter_networks": [{"name": "own"}]}, "networks", [{"name": "own"}]),
}


def module_arguments() -> dict[str, str]:
    """The templates that the role hands to the module."""
    tasks = yaml.safe_load((ROOT / "roles/starter/tasks/main.yml").read_text())
    (arguments,) = (task[module] for task in tasks for module in task if module.endswith(".cloud_resources"))
    return {name: arguments[name] for name in LISTS}


def test_the_role_hands_over_all_that_the_module_takes() -> None:
    lists = {name for name, option in ARGUMENTS.items() if option["type"] == "list"}
    assert set(LISTS) == lists == set(module_arguments())


def test_the_variables_become_the_lists_of_the_module(tmp_path: Path) -> None:
    files = [str(ROOT / f"roles/starter/{name}/main.yml") for name in ("defaults", "vars")]
    templates = module_arguments()
    tasks = [
        {
            "ansible.builtin.copy": {
                "content": "{{ (" + templates[option].strip("{} ") + ") | to_json }}",
                "dest": str(tmp_path / name),
            },
            "vars": variables,
        }
        for name, (variables, option, _expected) in CASES.items()
    ]
    play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "vars_files": files}
    (tmp_path / "play.yml").write_text(json.dumps([{**play, "tasks": tasks}]))
    program = Path(sys.executable).with_name("ansible-playbook")
    done = subprocess.run(
        [program, tmp_path / "play.yml", "-e", json.dumps({"ansible_python_interpreter": sys.executable})],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {name: json.loads((tmp_path / name).read_text()) for name in CASES}
    assert found == {name: expected for name, (_variables, _option, expected) in CASES.items()}


def test_the_external_network_of_the_demo_is_the_labs() -> None:
    variables = yaml.safe_load((ROOT / "inventories/local/group_vars/all.yml").read_text())
    provider = Lab("local", 77).provider
    assert variables["starter_external_cidr"] == provider.subnet
    assert variables["starter_external_gateway"] == provider.gateway
    (pool,) = variables["starter_external_pools"]
    assert all(pool[end].startswith(f"{provider.prefix}.") for end in ("start", "end"))


@pytest.mark.parametrize("option", LISTS)
def test_no_entry_of_the_module_lacks_a_variable(option: str) -> None:
    defaults = yaml.safe_load((ROOT / "roles/starter/defaults/main.yml").read_text())
    assert f"starter_{option}" in defaults
