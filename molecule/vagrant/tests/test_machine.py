# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a machine has that a system container has not: kernel, disk, boot and clock of its own."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://all"]

_BOOT_ID = "/proc/sys/kernel/random/boot_id"


def test_the_kernel_is_its_own(host: Host) -> None:
    assert host.file(_BOOT_ID).content_string != Path(_BOOT_ID).read_text()
    assert host.check_output("systemd-detect-virt --vm") in ("kvm", "qemu")
    assert host.run("systemd-detect-virt --container").rc != 0


def test_it_was_rebooted(host: Host) -> None:
    assert host.file(_BOOT_ID).content_string != host.file("/var/lib/first-boot-id").content_string


def test_the_boot_is_complete(host: Host) -> None:
    assert host.check_output("systemctl is-system-running") == "running"


def test_state_is_on_a_disk(host: Host) -> None:
    for path in ("/", "/var/lib/nova"):
        file_system = json.loads(host.check_output("findmnt --json --target %s", path))["filesystems"][0]
        assert file_system["source"].startswith("/dev/vd")
        assert file_system["fstype"] == "ext4"


def test_clocks_agree(host: Host) -> None:
    """Keystone's tokens and Nova's reports of what is alive depend on them; a question takes a second or two here."""
    before = time.time()
    theirs = float(host.check_output("date +%s.%N"))
    assert before - 2 < theirs < time.time() + 2


def test_the_names_in_hosts_are_those_of_the_installer(host: Host) -> None:
    """Debian's installer gives the machine's name a loopback address, and the cloud must work all the same."""
    name = host.check_output("hostname")
    assert f"127.0.1.1 {name}" in host.file("/etc/hosts").content_string


@pytest.mark.parametrize("module", ["bridge", "br_netfilter", "vxlan"])
def test_the_network_has_its_kernel_modules(host: Host, module: str) -> None:
    assert host.file(f"/sys/module/{module}").exists


def test_security_groups_see_bridged_traffic(host: Host) -> None:
    assert host.file("/proc/sys/net/bridge/bridge-nf-call-iptables").content_string.strip() == "1"


def test_the_provider_interface_kept_its_name(host: Host) -> None:
    address = host.file("/sys/class/net/provider0/address").content_string.strip()
    assert address.startswith("52:54:00:58:00:")


def test_apparmor_confines_what_debian_confines(host: Host) -> None:
    assert host.file("/sys/module/apparmor/parameters/enabled").content_string.strip() == "Y"
    assert host.check_output("systemctl is-active apparmor") == "active"
