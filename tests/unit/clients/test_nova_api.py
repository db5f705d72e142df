# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fleets from recorded replies, over any number of pages, and which provider is whose."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.nova_api import (
    Fleet,
    Hypervisor,
    Nova,
    NovaService,
    providers,
)
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud

SERVICE = {
    "id": "s1",
    "host": "compute1",
    "binary": "nova-compute",
    "zone": "nova",
    "state": "up",
    "status": "enabled",
    "updated_at": "2026-03-01T12:00:00.000000",
    "disabled_reason": None,
}
HYPERVISOR = {
    "id": "0",
    "hypervisor_hostname": "compute1.lab",
    "service": {"host": "compute1"},
    "hypervisor_type": "QEMU",
    "state": "up",
    "status": "enabled",
    "host_ip": "192.0.2.11",
}


class Recorded(Cloud):
    """A Cloud with one service and some hypervisors, of which it gives ``page`` at once."""

    def __init__(self, count: int, page: int) -> None:
        self.hypervisors = [{**HYPERVISOR, "id": str(number)} for number in range(count)]
        self.page = page

    def request(
        self, method: str, service: str, path: str, *, params: Any = None, subject: str = "", **options: Any
    ) -> Any:
        assert method == "GET"
        assert options == ({"microversion": "2.53"} if service == "compute" else {})
        if path == "/os-services":
            return {"services": [SERVICE]}
        if path == "/resource_providers":
            return {"resource_providers": [{"uuid": "0", "name": "compute1.lab"}]}
        assert path == "/os-hypervisors/detail"
        ids = [one["id"] for one in self.hypervisors]
        start = ids.index(params["marker"]) + 1 if params else 0
        end = start + self.page
        more = {"hypervisors_links": [{"rel": "next"}]} if end < len(ids) else {}
        return {"hypervisors": self.hypervisors[start:end], **more}


def test_reads_all_there_is() -> None:
    assert Nova(Recorded(1, 1000)).read() == Fleet(
        (
            NovaService(
                "s1", "compute1", "nova-compute", "nova", "up", "enabled", "2026-03-01T12:00:00.000000"
            ),
        ),
        (Hypervisor("0", "compute1.lab", "compute1", "QEMU", "up", "enabled", "192.0.2.11"),),
        (("0", "compute1.lab"),),
    )


@pytest.mark.parametrize("page", [1, 2, 5, 6])
def test_hypervisors_come_in_pages(page: int) -> None:
    fleet = Nova(Recorded(5, page)).read()
    assert [one.id for one in fleet.hypervisors] == ["0", "1", "2", "3", "4"]


def test_a_cloud_without_hypervisors() -> None:
    assert Nova(Recorded(0, 1000)).read().hypervisors == ()


def test_providers_are_those_of_its_nodes_and_those_of_its_name() -> None:
    service = NovaService("s1", "compute1", "nova-compute", "nova", "up", "enabled")
    fleet = Fleet(
        (service, NovaService("s2", "compute1.b", "nova-compute", "nova", "up", "enabled")),
        (
            Hypervisor("n1", "node.lab", "compute1", "QEMU", "up", "enabled"),
            Hypervisor("n2", "compute1.c", "compute2", "QEMU", "up", "enabled"),
        ),
        (("n1", "node.lab"), ("n2", "compute1.c"), ("n3", "compute1.b"), ("n4", "compute1.lab"), ("n5", "x")),
    )
    assert providers("compute1", fleet) == [("n1", "node.lab"), ("n4", "compute1.lab")]
