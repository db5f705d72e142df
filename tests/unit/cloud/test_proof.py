# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the role verify expects to see of a cloud, by default."""

from __future__ import annotations

from typing import Any

import pytest
from fakes import described as fake

GROUPS = {"controller": ["controller1"], "compute": ["compute1"]}
NETWORK_NODE = ("neutron-l3-agent", "neutron-dhcp-agent", "neutron-metadata-agent")


@pytest.mark.parametrize(
    ("variables", "agents"),
    [
        (
            {},
            {
                "controller1": [*NETWORK_NODE, "neutron-linuxbridge-agent"],
                "compute1": ["neutron-linuxbridge-agent"],
            },
        ),
        (
            {"neutron_mechanism": "openvswitch"},
            {
                "controller1": [*NETWORK_NODE, "neutron-openvswitch-agent"],
                "compute1": ["neutron-openvswitch-agent"],
            },
        ),
        (
            {"neutron_mechanism": "ovn"},
            {
                "controller1": ["ovn-controller"],
                "compute1": ["ovn-controller", "neutron-ovn-metadata-agent"],
            },
        ),
        # A host that is all.
        (
            {"cloud_compute_group": "controller", "neutron_mechanism": "ovn"},
            {"controller1": ["ovn-controller", "neutron-ovn-metadata-agent"]},
        ),
        # Which agents a site's own Neutron has is the site's business.
        ({"cloud_neighbours": ["keystone"]}, {"controller1": [], "compute1": []}),
    ],
    ids=["linuxbridge", "openvswitch", "ovn", "a host that is all", "agents of the site"],
)
def test_agents(variables: dict[str, Any], agents: dict[str, list[str]]) -> None:
    assert fake.cloud("controller1", GROUPS, **variables).verify_agents == agents


def test_services_are_those_of_the_names_that_nova_has() -> None:
    named = {"compute1": {"__compute_name": "hypervisor-a"}}
    assert fake.cloud("controller1", GROUPS, named).verify_services == {
        "controller1": ["nova-conductor", "nova-scheduler"],
        "hypervisor-a": ["nova-compute"],
    }
