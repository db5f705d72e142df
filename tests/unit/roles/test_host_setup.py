# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles open in a firewall, need for a disk of the instances, and tell systemd, as Ansible evaluates it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from fakes.evaluation import ROOT, evaluated

PLATFORM = yaml.safe_load((ROOT / "roles/cloud/vars/Debian-12.yml").read_text())["__cloud_platform"]
FILES = [
    *("cloud/defaults/main.yml", "cloud/vars/main.yml"),
    *("controller/defaults/main.yml", "controller/vars/main.yml"),
    *("compute/defaults/main.yml", "compute/vars/main.yml"),
    "service/vars/main.yml",
]
# Of the inventory's only compute host.
COMPUTE, OVERLAY = "192.0.2.21", "203.0.113.21"
GIVEN: dict[str, Any] = {
    "__cloud_platform": PLATFORM,
    "ansible_facts": {"nodename": "node"},
    "cloud_management_address": "192.0.2.11",
}
CASES: dict[str, dict[str, Any]] = {
    "by default": {},
    "Nova alone": {
        "cloud_neighbours": [],
        "message_queue_enabled": False,
        "controller_firewall_openings": [{"name": "users", "ports": [8774], "sources": ["198.51.100.0/24"]}],
    },
    "with OVN": {"neutron_mechanism": "ovn"},
    "behind URLs without ports": {
        "cloud_identity_url": "https://[2001:db8::1]/v3",
        "cloud_image_url": "http://images.example.org",
        "cloud_placement_url": "http://192.0.2.11:18778",
        "cloud_network_url": "https://192.0.2.11:443/network",
    },
    "by the public endpoints": {
        "cloud_interface": "public",
        "cloud_image_public_url": "https://x.example.org",
    },
    "with a host that leaves": {"remove_compute_hosts": "compute1"},
}
DISKS: dict[str, dict[str, Any]] = {
    "none": {},
    "ext4": {"compute_instances_disk": "/dev/sdb"},
    "xfs": {
        "compute_instances_disk": "/dev/sdb",
        "compute_instances_filesystem": "xfs",
        "compute_options": {"DEFAULT": {"instances_path": "/srv/instances"}},
    },
}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    openings = "__controller_openings"
    disk = "[__compute_disk_packages, __compute_whole_files, __compute_instances_path]"
    cases = {name: ({**GIVEN, **case}, openings) for name, case in CASES.items()}
    cases |= {name: ({**GIVEN, **case}, disk) for name, case in DISKS.items()}
    slow = {"cloud_start_timeout": 900, "__service_reporting_units": PLATFORM["compute"]["reporting_units"]}
    cases["slow host"] = ({**GIVEN, **slow}, "__service_start_limits")
    shared = {"__service_name": "neutron", "__service_shares_directories": True}
    cases["shared directories"] = ({**GIVEN, **shared}, "[__service_directory_files, __service_watched]")
    return evaluated(tmp_path_factory.mktemp("evaluated"), FILES, cases)


def ports(openings: list[dict[str, Any]]) -> dict[str, list[int]]:
    return {one["name"]: sorted(one["ports"]) for one in openings}


def test_compute_hosts_reach_what_the_roles_deploy(results: dict[str, Any]) -> None:
    openings = results["by default"]
    assert ports(openings) == {"message queue": [5672], "APIs": [5000, 8778, 9292, 9696], "tunnels": [4789]}
    *others, tunnels = openings
    assert all(one["sources"] == [COMPUTE] for one in others)
    assert sorted(tunnels["sources"]) == [COMPUTE, OVERLAY]


def test_services_of_the_site_are_not_opened_here(results: dict[str, Any]) -> None:
    assert ports(results["Nova alone"]) == {"message queue": [], "APIs": [], "users": [8774]}


def test_ovn_has_ports_and_a_tunnel_of_its_own(results: dict[str, Any]) -> None:
    openings = {one["name"]: one for one in results["with OVN"]}
    assert openings["tunnels"]["ports"] == [6081]
    assert (openings["networks of OVN"]["ports"], openings["metadata"]["ports"]) == ([6642], [8775])


def test_ports_follow_the_urls(results: dict[str, Any]) -> None:
    assert ports(results["behind URLs without ports"])["APIs"] == [80, 443, 18778]
    assert ports(results["by the public endpoints"])["APIs"] == [443, 5000, 8778, 9292, 9696]


def test_a_host_that_leaves_is_let_in_no_more(results: dict[str, Any]) -> None:
    assert all(one["sources"] == [] for one in results["with a host that leaves"])


def test_systemd_waits_as_long_as_the_site_says_for_units_that_report_to_it(results: dict[str, Any]) -> None:
    assert results["slow host"] == [
        {
            "path": f"/etc/systemd/system/{unit}.service.d/stackwright-start.conf",
            "content": "[Service]\nTimeoutStartSec=900\n",
        }
        for unit in ("libvirtd", "nova-compute")
    ]


def test_units_of_a_project_keep_their_directories(results: dict[str, Any]) -> None:
    (file,), watched = results["shared directories"]
    assert file == {
        "path": "/etc/systemd/system/neutron-.service.d/stackwright-directories.conf",
        "content": "[Service]\nRuntimeDirectoryPreserve=yes\n",
    }
    assert file["path"] in watched


def test_without_a_disk_nothing_is_asked_for(results: dict[str, Any]) -> None:
    assert results["none"] == [[], [], "/var/lib/nova/instances"]


@pytest.mark.parametrize(
    ("name", "path", "packages"),
    [
        ("ext4", "/var/lib/nova/instances", ["fdisk", "e2fsprogs"]),
        ("xfs", "/srv/instances", ["fdisk", "xfsprogs"]),
    ],
)
def test_with_a_disk_nova_and_libvirt_start_after_it(
    results: dict[str, Any], name: str, path: str, packages: list[str]
) -> None:
    text = f"[Unit]\nRequiresMountsFor={path}\n"
    assert results[name] == [
        packages,
        [
            {"path": f"/etc/systemd/system/{unit}.service.d/stackwright-disk.conf", "content": text}
            for unit in ("libvirtd", "nova-compute")
        ],
        path,
    ]
