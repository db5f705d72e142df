# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A compute host: its services, its files, and no guest left on it."""

from __future__ import annotations

import configparser

import pytest
from deployed.questions import connections_with_password, ownership
from testinfra.host import Host

testinfra_hosts = ["ansible://compute"]


@pytest.mark.parametrize("name", ["libvirtd", "nova-compute"])
def test_service_runs_and_starts_at_boot(units: dict[str, dict[str, str]], name: str) -> None:
    assert units[name]["SubState"] == "running"
    assert units[name]["UnitFileState"] == "enabled"


@pytest.mark.parametrize("path", ["/etc/nova/nova.conf", "/etc/nova/nova-compute.conf"])
def test_configuration_belongs_to_nova_alone(host: Host, path: str) -> None:
    assert ownership(host, path) == ("root", "nova", "0o640")


def test_it_has_no_password_of_a_database(host: Host) -> None:
    """A compute host that is broken into must not give the databases away."""
    assert connections_with_password(host, "/etc/nova/nova.conf") == []


def test_guests_use_what_the_host_can_do(host: Host) -> None:
    """With virt_type kvm, the processor must have the flags and the device must be there."""
    options = host.file("/etc/nova/nova.conf").content_string.splitlines()
    (virt_type,) = [line.split("=")[1].strip() for line in options if line.startswith("virt_type")]
    flags = int(host.run("grep --extended-regexp --count '(vmx|svm)' /proc/cpuinfo").stdout)
    x86 = host.check_output("uname --machine") == "x86_64"
    assert virt_type == "qemu" or (host.file("/dev/kvm").exists and (flags or not x86))


def test_screens_of_guests_are_for_the_management_network(host: Host) -> None:
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
    reader.read_string(host.file("/etc/nova/nova.conf").content_string)
    for kind in ("vnc", "spice"):
        assert reader[kind]["server_listen"] == reader["DEFAULT"]["my_ip"]
    assert reader["spice"]["enabled"] == "false"


def test_no_guest_is_left(host: Host) -> None:
    assert host.check_output("virsh --connect qemu:///system list --all --name").split() == []
    assert host.check_output("pgrep --count qemu-system || true") == "0"


def test_no_disk_of_a_guest_is_left(host: Host) -> None:
    entries = set(host.check_output("ls /var/lib/nova/instances").split())
    assert entries <= {"_base", "locks", "compute_nodes"}


def test_no_network_device_of_a_guest_is_left(host: Host) -> None:
    assert "tap" not in host.check_output("ip -brief link show")
