# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a compute host has on a separate machine."""

from __future__ import annotations

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://compute"]


def test_libvirt_is_confined(host: Host) -> None:
    (pid,) = host.check_output("pgrep --exact libvirtd").split()
    assert host.file(f"/proc/{pid}/attr/current").content_string.strip() == "libvirtd (enforce)"


def test_instances_have_a_disk_that_outlives_the_boot(host: Host) -> None:
    assert (
        host.check_output("findmnt --noheadings --output FSTYPE --target /var/lib/nova/instances") == "ext4"
    )


@pytest.mark.parametrize(
    ("first", "then"),
    [("libvirtd.socket", "nova-compute"), ("systemd-modules-load", "neutron-linuxbridge-agent")],
)
def test_the_boot_kept_the_order(host: Host, first: str, then: str) -> None:
    """Nova Compute gives up where libvirt does not listen; the rules of the agent need br_netfilter."""
    assert _since_boot(host, first, "ActiveEnter") <= _since_boot(host, then, "InactiveExit")


def _since_boot(host: Host, unit: str, event: str) -> int:
    """Microseconds from the machine's boot to the last time that this happened to the unit."""
    return int(host.check_output("systemctl show --value --property %sTimestampMonotonic %s", event, unit))
