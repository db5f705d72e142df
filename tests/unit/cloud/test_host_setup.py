# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a controller opens in its firewall, what a disk of the instances needs, and what units of systemd get."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import described as fake

# Of the only compute host.
COMPUTE, OVERLAY = "192.0.2.21", "203.0.113.21"
GROUPS = {"controller": ["controller1"], "compute": ["compute1"]}
HOSTS = {"compute1": {"cloud_management_address": COMPUTE, "neutron_overlay_address": OVERLAY}}
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
    "ext4": {"compute_instances_disk": "/dev/sdb"},
    "xfs": {
        "compute_instances_disk": "/dev/sdb",
        "compute_instances_filesystem": "xfs",
        "compute_options": {"DEFAULT": {"instances_path": "/srv/instances"}},
    },
}


def service(host: str, name: str, **variables: Any) -> dict[str, Any]:
    """What a host has of a service."""
    found: dict[str, Any] = fake.services(fake.cloud(host, GROUPS, HOSTS, **variables))[name]
    return found


def openings(case: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service("controller1", "controller", **CASES[case])["openings"]
    return found


def ports(case: str) -> dict[str, list[int]]:
    return {one["name"]: sorted(one["ports"]) for one in openings(case)}


def test_compute_hosts_reach_what_the_roles_deploy() -> None:
    assert ports("by default") == {
        "message queue": [5672],
        "APIs": [5000, 8778, 9292, 9696],
        "tunnels": [4789],
    }
    *others, tunnels = openings("by default")
    assert all(one["sources"] == [COMPUTE] for one in others)
    assert sorted(tunnels["sources"]) == [COMPUTE, OVERLAY]


def test_services_of_the_site_are_not_opened_here() -> None:
    assert ports("Nova alone") == {"message queue": [], "APIs": [], "users": [8774]}


def test_ovn_has_ports_and_a_tunnel_of_its_own() -> None:
    found = {one["name"]: one for one in openings("with OVN")}
    assert found["tunnels"]["ports"] == [6081]
    assert (found["networks of OVN"]["ports"], found["metadata"]["ports"]) == ([6642], [8775])


def test_ports_follow_the_urls() -> None:
    assert ports("behind URLs without ports")["APIs"] == [80, 443, 18778]
    assert ports("by the public endpoints")["APIs"] == [443, 5000, 8778, 9292, 9696]


def test_a_host_that_leaves_is_let_in_no_more() -> None:
    assert [one["sources"] for one in openings("with a host that leaves")] == [[], [], []]


def test_systemd_waits_as_long_as_the_site_says_for_units_that_report_to_it() -> None:
    assert service("compute1", "compute", cloud_start_timeout=900)["plain_files"] == [
        {
            "path": f"/etc/systemd/system/{unit}.service.d/stackwright-start.conf",
            "content": "[Service]\nTimeoutStartSec=900\n",
        }
        for unit in ("libvirtd", "nova-compute")
    ]


@pytest.mark.parametrize("name", ["neutron", "controller"])
def test_units_of_a_project_keep_their_directories(name: str) -> None:
    found = service("controller1", name)
    project = found["name"]
    (file,) = [each for each in found["plain_files"] if each["path"].endswith("-directories.conf")]
    assert file == {
        "path": f"/etc/systemd/system/{project}-.service.d/stackwright-directories.conf",
        "content": "[Service]\nRuntimeDirectoryPreserve=yes\n",
    }


def test_units_watch_what_keeps_their_directories() -> None:
    """Where the platform does not say what each watches."""
    path = "/etc/systemd/system/nova-.service.d/stackwright-directories.conf"
    units = service("controller1", "controller")["units"]
    assert {unit["name"] for unit in units if path in unit["watch"]} == {unit["name"] for unit in units}


def of_the_disk(**variables: Any) -> tuple[list[str], list[dict[str, Any]], str]:
    """Packages and files that a compute host has with these variables alone, and the folder of the instances."""
    without, found = service("compute1", "compute"), service("compute1", "compute", **variables)
    packages = [each for each in found["packages"] if each not in without["packages"]]
    files = [each for each in found["plain_files"] if each not in without["plain_files"]]
    return packages, files, found["instances_path"]


def test_without_a_disk_nothing_is_asked_for() -> None:
    assert of_the_disk() == ([], [], "/var/lib/nova/instances")
    assert not {"fdisk", "e2fsprogs", "xfsprogs"} & set(service("compute1", "compute")["packages"])


@pytest.mark.parametrize(
    ("name", "path", "packages"),
    [
        ("ext4", "/var/lib/nova/instances", ["fdisk", "e2fsprogs"]),
        ("xfs", "/srv/instances", ["fdisk", "xfsprogs"]),
    ],
)
def test_with_a_disk_nova_and_libvirt_start_after_it(name: str, path: str, packages: list[str]) -> None:
    text = f"[Unit]\nRequiresMountsFor={path}\n"
    assert of_the_disk(**DISKS[name]) == (
        packages,
        [
            {"path": f"/etc/systemd/system/{unit}.service.d/stackwright-disk.conf", "content": text}
            for unit in ("libvirtd", "nova-compute")
        ],
        path,
    )
