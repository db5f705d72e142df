# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud has forgotten the compute host that left, and nothing of it runs there any more."""

from __future__ import annotations

from typing import Any

from testinfra.host import Host

testinfra_hosts = ["ansible://controller1"]

STAYED = ["compute2", "compute3"]


def test_nova_has_the_others(openstack: dict[str, list[dict[str, Any]]]) -> None:
    services = openstack["compute service list"]
    assert sorted(one["Host"] for one in services if one["Binary"] == "nova-compute") == STAYED
    assert sorted(one["Hypervisor Hostname"] for one in openstack["hypervisor list"]) == STAYED


def test_neutron_has_the_others(openstack: dict[str, list[dict[str, Any]]]) -> None:
    hosts = {one["Host"] for one in openstack["network agent list"]}
    assert hosts == {"controller1", *STAYED}


def test_it_is_mapped_to_no_cell(host: Host) -> None:
    table = host.check_output("runuser -u nova -- nova-manage cell_v2 list_hosts 2>/dev/null")
    assert "compute2" in table
    assert "compute1" not in table


def test_placement_has_the_others(host: Host) -> None:
    query = "SELECT name FROM placement.resource_providers ORDER BY name"
    assert host.check_output("mariadb --batch --skip-column-names --execute %s", query).split() == STAYED
