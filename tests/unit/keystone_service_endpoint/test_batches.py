# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.parameters import (
    Desired,
    Registration,
    ServiceUser,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.plan import (
    plan,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.state import (
    CatalogEndpoint,
    CatalogService,
    Principal,
    State,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.writer import (
    CatalogWriter,
)

URLS = dict.fromkeys(("public", "internal", "admin"), "http://c")
EMPTY = State(domains={"Default": "default"})


def registration(name: str, user: bool = False) -> Registration:
    account = ServiceUser(name, "s3cret", "service", "Default", ("admin", "service")) if user else None
    return Registration(name, name, endpoints=URLS, user=account)


def registering(registrations: list[Registration], current: State) -> Plan[CatalogWriter]:
    return plan(Desired(tuple(registrations)), current)


def shapes(planned: Plan[CatalogWriter]) -> list[list[str]]:
    """Each step as the second and third word of its command ("user create"), batch by batch."""
    return [[" ".join(step.command.split()[1:3]) for step in stage.steps] for stage in planned.stages]


def test_what_is_made_first_is_waited_for() -> None:
    assert shapes(registering([registration("nova", user=True)], EMPTY)) == [
        ["project create", "user create", "role create", "role create", "region create"],
        ["role add", "role add", "service create"],
        ["endpoint create"] * 3,
    ]


def test_what_all_services_have_is_made_side_by_side() -> None:
    current = replace(EMPTY, regions=frozenset({"RegionOne"}), roles={"admin": "r1", "service": "r2"})
    assert shapes(registering([registration(name, user=True) for name in "abc"], current)) == [
        ["project create", *["user create"] * 3],
        ["role add", "role add", "service create"] * 3,
        ["endpoint create"] * 9,
    ]


def test_the_order_stays() -> None:
    planned = registering([registration(name, user=True) for name in "abc"], EMPTY)
    steps = [step for stage in planned.stages for step in stage.steps]
    assert [step.command for step in steps] == planned.commands


def test_removals_come_last_and_endpoints_before_their_services() -> None:
    services = tuple(CatalogService(f"s{number}", "nova", "nova", "", True) for number in range(2))
    endpoints = tuple(
        CatalogEndpoint(f"e{number}", service, "public", "RegionOne", "http://c", True)
        for number, service in enumerate(("s0", "s1", "s1"))
    )
    moved = CatalogEndpoint("e9", "s1", "public", "RegionTwo", "http://c", True)
    current = replace(
        EMPTY, services=services, endpoints=(*endpoints, moved), regions=frozenset({"RegionOne"})
    )
    assert shapes(registering([registration("nova")], current)) == [
        ["endpoint create", "endpoint create", "endpoint set"],
        ["endpoint delete"] * 2,
        ["service delete"],
    ]


def test_deletions_keep_to_their_kind() -> None:
    current = replace(
        EMPTY,
        services=tuple(CatalogService(name, name, name, "", True) for name in "ab"),
        users=tuple(Principal(name, name, "default", True) for name in "ab"),
    )
    unregistered = tuple(registration(name, user=True) for name in "ab")
    assert shapes(plan(Desired(unregistered, present=False), current)) == [
        ["user delete"] * 2,
        ["service delete"] * 2,
    ]


def test_endpoints_of_several_regions_are_corrected_side_by_side() -> None:
    registrations = [Registration("nova", "nova", region=region, endpoints=URLS) for region in ("one", "two")]
    endpoints = tuple(
        CatalogEndpoint(f"e-{region}-{interface}", "s0", interface, region, "http://old", False)
        for region in ("one", "two")
        for interface in ("public", "internal")
    )
    current = replace(
        EMPTY,
        services=(CatalogService("s0", "nova", "nova", "", True),),
        endpoints=endpoints,
        regions=frozenset({"one", "two"}),
    )
    assert shapes(registering(registrations, current)) == [
        ["endpoint set", "endpoint set", "endpoint create"] * 2
    ]
