# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cloud says of itself, judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_proof import checks
from fakes.cloud_catalog import INTERFACES, TYPES, UPGRADE, agent, service


@pytest.mark.parametrize(
    ("services", "fault"),
    [
        ([service("identity"), service("compute"), service("volumev3", ("public",))], None),
        (
            [service("identity")],
            "no endpoint in RegionOne for compute public, compute internal, compute admin",
        ),
        (
            [service("identity", ("public", "public", "admin")), service("compute")],
            "no endpoint in RegionOne for identity internal; registered more than once: identity public",
        ),
        (
            [service("identity"), service("compute"), service("compute", ())],
            "registered more than once: service compute",
        ),
        (
            [service("identity", region="regionOne"), service("compute")],
            "no endpoint in RegionOne for identity public, identity internal, identity admin",
        ),
        (
            [
                {
                    **service("identity"),
                    "endpoints": [
                        {**e, "region_id": r}
                        for e in service("identity")["endpoints"]
                        for r in ("RegionOne", "RegionTwo")
                    ],
                },
                service("compute"),
            ],
            None,
        ),
    ],
    ids=["complete", "absent", "seed 000: public twice", "service twice", "wrong region", "two regions"],
)
def test_catalog(services: list[dict[str, Any]], fault: str | None) -> None:
    part = checks.catalog(services, TYPES, INTERFACES, "RegionOne")
    assert part.state == ("missing" if fault else "proven")
    assert not fault or part.detail == fault
    assert not fault or part.remedy


def test_each_url_is_asked_once() -> None:
    services = [service("identity"), service("compute"), service("volumev3")]
    assert checks.endpoint_urls(services, TYPES, "RegionOne") == ["http://compute", "http://identity"]


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ([agent("neutron-l3-agent", "controller"), agent("neutron-dhcp-agent", "other")], None),
        ([agent("neutron-l3-agent", "other")], "neutron-l3-agent on controller is unknown to Neutron"),
        (
            [agent("neutron-l3-agent", "controller", alive=False)],
            "neutron-l3-agent on controller is not alive",
        ),
        (
            [agent("neutron-l3-agent", "controller", admin_state_up=False)],
            "neutron-l3-agent on controller is disabled",
        ),
    ],
)
def test_agents(known: list[dict[str, Any]], fault: str | None) -> None:
    part = checks.agents(known, {"controller": ["neutron-l3-agent"]})
    assert part.state == ("missing" if fault else "proven")
    assert not fault or part.detail == fault


L3, DHCP = "neutron-l3-agent", "neutron-dhcp-agent"


@pytest.mark.parametrize(
    ("known", "state", "detail"),
    [
        ([agent(L3, "node"), agent(DHCP, "node")], "proven", "2 alive on 1 of 2 hosts"),
        ([agent(L3, "node"), agent(DHCP, "other", alive=False)], "proven", "1 alive on 1 of 2 hosts"),
        ([agent(L3, "node"), agent(DHCP, "node", alive=False)], "missing", f"{DHCP} on node is not alive"),
        (
            [agent(L3, "node"), agent(DHCP, "node", alive=False, admin_state_up=False)],
            "proven",
            "1 alive on 1 of 2 hosts",
        ),
        ([], "proven", "0 alive on 0 of 2 hosts"),
    ],
    ids=["all alive", "dead elsewhere", "dead", "switched off", "no agents"],
)
def test_agents_of_a_site(known: list[dict[str, Any]], state: str, detail: str) -> None:
    part = checks.agents(known, {"node": [], "without": []})
    assert (part.state, part.detail) == (state, detail)


@pytest.mark.parametrize(
    ("code", "output", "errors", "state", "detail"),
    [
        (0, UPGRADE.format(first="Success", details="None"), "", "proven", "2 checks passed"),
        (
            2,
            UPGRADE.format(first="Failure", details="There are no host mappings|\n|  yet.").replace(
                "|\n|", " |\n|"
            ),
            "",
            "missing",
            "Cells v2: There are no host mappings yet.",
        ),
        (1, UPGRADE.format(first="Warning", details="old"), "", "missing", "Cells v2: old"),
        (
            255,
            "",
            "Traceback\n\nOperationalError: no database",
            "missing",
            "Traceback; OperationalError: no database",
        ),
        (3, "", "", "missing", "exit code 3"),
    ],
)
def test_upgrade_check(code: int, output: str, errors: str, state: str, detail: str) -> None:
    part = checks.upgrade_check("nova", code, output, errors)
    assert (part.state, part.detail) == (state, detail)
