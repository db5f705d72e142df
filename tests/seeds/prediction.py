# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the collection would do on the bare hosts of a guide: its playbooks, in check mode, with the guide's facts."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.secrets import OWNERS
from seeds.guides import guide, names

ROOT = Path(__file__).parents[2]
ALL_SERVICES = ["keystone", "glance", "placement", "nova", "neutron"]


class Task(NamedTuple):
    """What a task would do on a host."""

    host: str
    task: str
    module: str
    parameters: Mapping[str, Any]
    result: Mapping[str, Any]

    @property
    def given(self) -> Mapping[str, Any]:
        """The parameters with their defaults, secrets masked."""
        return self.result.get("invocation", {}).get("module_args", {})


def secrets(facts: Mapping[str, Any]) -> dict[str, str]:
    """Every password by the variable of the collection that has it; those that the guide has not, too."""
    stems = {name: name.removeprefix("cloud_").rpartition("_")[0] for name in OWNERS}
    known = names(facts)
    return {name: known.get(f"secret.{stem}", f"{stem}-password") for name, stem in stems.items()}


def inventory(facts: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The hosts of a guide, and what their reader would say of them."""
    groups: dict[str, Any] = {}
    for node, place in facts["topology"].items():
        # A guide that ends before its compute host has no address for it.
        if "address" in place:
            host = {"cloud_management_address": place["address"]}
            if "provider" in place.get("interfaces", {}):
                host["neutron_provider_interface"] = place["interfaces"]["provider"]
            # By names that no group has.
            groups[node] = {"hosts": {f"the_{node}": host}}
    written_as_address = "address }}" in str(facts.get("keystone", {}).get("services"))
    controller = facts["topology"]["controller"]
    variables = {
        **secrets(facts),
        "cloud_controller_host": controller["address" if written_as_address else "host"],
        "cloud_neighbours": [name for name in ALL_SERVICES if name != "nova" and name in facts["services"]],
        "cloud_certificates_directory": str(folder / "certificates"),
        # All guides take these for granted.
        "database_enabled": False,
        "message_queue_enabled": False,
        "cache_enabled": False,
        "cloud_release": facts["release"],
    }
    return {"all": {"children": groups, "vars": variables}}


def surveys(facts: Mapping[str, Any], hosts: Mapping[str, Any]) -> dict[str, Any]:
    """What is seen on the hosts of a guide: machines that have what a cloud needs."""
    groups = hosts["all"]["children"]
    found = {}
    for node, group in groups.items():
        ((name, variables),) = group["hosts"].items()
        place = facts["topology"][node]
        about = {
            "distribution": facts["distribution"]["name"],
            "distribution_major_version": facts["distribution"]["version"].partition(".")[0],
            "nodename": place["host"],
        }
        controller = facts["topology"]["controller"]
        interfaces = {"eth0": [place["address"]], variables.get("neutron_provider_interface", "eth1"): []}
        found[name] = {
            "facts": about,
            "survey": {
                "changed": False,
                "ansible_facts": {f"ansible_{fact}": value for fact, value in about.items()},
                "survey": {
                    "nodename": place["host"],
                    "is_root": True,
                    "time": 0.0,
                    "addresses": interfaces,
                    "default_interfaces": ["eth0"],
                    "resolved": {hosts["all"]["vars"]["cloud_controller_host"]: [controller["address"]]},
                    "refusals": {},
                    "memory": 65536,
                    "disk": 65536,
                    "is_bare": True,
                    "source": "",
                    "kernel": "5.10.0-30-amd64",
                    "has_kernel_switch": True,
                    "machine_id": name,
                },
            },
            "hw_accel": {
                "changed": False,
                "ansible_facts": {"hw_accel": {"virt_type": place.get("virt_type", "kvm")}},
            },
        }
    return found


def predicted(release: str, shared: Path) -> list[Task]:
    """The tasks of the playbook for a guide, in order; found out once for all processes that share the folder."""
    folder = shared / f"prediction-{release}"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _predict(guide(release), folder)
            (folder / "done").touch()
    lines = (folder / "record.jsonl").read_text().splitlines()
    return [Task(**json.loads(line)) for line in lines]


def _predict(facts: Mapping[str, Any], folder: Path) -> None:
    hosts = inventory(facts, folder)
    (folder / "hosts.yml").write_text(json.dumps(hosts))
    (folder / "surveys.json").write_text(json.dumps(surveys(facts, hosts)))
    record = folder / "record.jsonl"
    record.unlink(missing_ok=True)
    playbook = "nova" if facts["services"] == ["nova"] else "site"
    done = subprocess.run(
        [
            *(sys.executable, Path(__file__).with_name("bare_hosts.py"), folder / "surveys.json", record),
            *("-i", folder / "hosts.yml", "--forks", "1", f"stackwright.nova.{playbook}"),
        ],
        cwd=ROOT,
        env={**os.environ, "ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_NOCOLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
