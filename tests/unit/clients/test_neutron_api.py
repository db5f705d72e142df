# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of Neutron about agents and routers."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

from ansible_collections.stackwright.nova.plugins.module_utils._clients import neutron_api
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud

OWNERS = [
    "network:router_interface",
    "network:router_interface_distributed",
    "network:ha_router_replicated_interface",
]


class Recorded(Cloud):
    """Keeps what Neutron is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        assert (method, service, options) == ("GET", "network", {})
        self.asked.append(path)
        return {"agents": [{"id": "a1"}], "ports": [{"id": "p1"}]}


def test_agents() -> None:
    cloud = Recorded()
    assert neutron_api.agents(cloud.network) == [{"id": "a1"}]
    assert cloud.asked == ["/agents"]


def test_interfaces_of_several_routers_in_one_request() -> None:
    cloud = Recorded()
    assert neutron_api.router_interfaces(cloud.network, ["r1", "r2"]) == [{"id": "p1"}]
    (path,) = cloud.asked
    assert urlsplit(path).path == "/ports"
    # Without the ports of gateways, of the network between highly available routers, and of SNAT.
    assert parse_qs(urlsplit(path).query) == {"device_id": ["r1", "r2"], "device_owner": OWNERS}


def test_without_routers_nothing_is_asked() -> None:
    cloud = Recorded()
    assert neutron_api.router_interfaces(cloud.network, []) == []
    assert cloud.asked == []
