# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The services around Nova as the cloud's command-line client sees them, where this collection deploys them too."""

from __future__ import annotations

from typing import Any

import pytest

testinfra_hosts = ["ansible://controller1"]


def test_every_agent_is_alive(
    openstack: dict[str, list[dict[str, Any]]], inventory: dict[str, list[str]], mechanism: str
) -> None:
    agents = openstack["network agent list"]
    alive = {(agent["Binary"], agent["Host"]) for agent in agents if agent["Alive"] and agent["State"]}
    network_node = ("neutron-l3-agent", "neutron-dhcp-agent", "neutron-metadata-agent")
    wanted = {(binary, host) for host in inventory["controller"] for binary in network_node}
    both = inventory["controller"] + inventory["compute"]
    assert wanted | {(f"neutron-{mechanism}-agent", host) for host in both} <= alive
    assert len(alive) == len(agents)


@pytest.mark.parametrize("user", ["glance", "neutron", "placement"])
def test_users_have_the_roles_that_tokens_need(service_roles: dict[str, set[str]], user: str) -> None:
    assert service_roles[user] >= {"admin", "service"}
