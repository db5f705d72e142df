# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova as the cloud's command-line client sees it: a witness that knows nothing of this collection."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from deployed.questions import LISTS_OF_THE_PROOF
from testinfra.host import Host

testinfra_hosts = ["ansible://controller1"]

OpenStack = dict[str, list[dict[str, Any]]]


def test_every_service_of_nova_is_up(openstack: OpenStack, inventory: dict[str, list[str]]) -> None:
    services = openstack["compute service list"]
    wanted = {
        (binary, host) for host in inventory["controller"] for binary in ("nova-conductor", "nova-scheduler")
    }
    wanted |= {("nova-conductor", host) for host in inventory["cell_controller"]}
    wanted |= {("nova-compute", host) for host in inventory["compute"]}
    assert {(service["Binary"], service["Host"]) for service in services} == wanted
    assert {(service["State"], service["Status"]) for service in services} == {("up", "enabled")}


def test_every_compute_is_a_hypervisor(openstack: OpenStack, inventory: dict[str, list[str]]) -> None:
    hypervisors = openstack["hypervisor list"]
    assert sorted(one["Hypervisor Hostname"] for one in hypervisors) == inventory["compute"]
    assert {one["State"] for one in hypervisors} == {"up"}


def test_every_compute_is_mapped_once(host: Host, cells: dict[str, str]) -> None:
    table = host.check_output("runuser -u nova -- nova-manage cell_v2 list_hosts 2>/dev/null")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    assert sorted((row[2], row[0]) for row in rows[1:]) == sorted(cells.items())


def test_the_catalog_is_complete_and_has_no_duplicates(
    openstack: OpenStack, variables: dict[str, Any]
) -> None:
    region = variables.get("site_region", "RegionOne")
    endpoints = openstack["endpoint list"]
    count = Counter(
        (one["Service Type"], one["Interface"], one["Region"]) for one in endpoints if one["Enabled"]
    )
    types = ("identity", "image", "placement", "compute", "network")
    assert count == {
        (kind, interface, region): 1 for kind in types for interface in ("public", "internal", "admin")
    }
    assert Counter(one["Type"] for one in openstack["service list"]) == dict.fromkeys(types, 1)


def test_nova_has_the_roles_that_tokens_need(service_roles: dict[str, set[str]]) -> None:
    """[service_user] tokens are refused from a user without the role service (CVE-2023-2088)."""
    assert service_roles["nova"] >= {"admin", "service"}


@pytest.mark.parametrize("command", LISTS_OF_THE_PROOF)
def test_the_proof_left_nothing(openstack: OpenStack, command: str) -> None:
    assert [one["Name"] for one in openstack[command] if one["Name"].startswith("stackwright-proof")] == []
