# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

from ansible_collections.stackwright.nova.plugins.module_utils.engine.plan import Plan
from ansible_collections.stackwright.nova.plugins.module_utils.identity.batches import batches
from ansible_collections.stackwright.nova.plugins.module_utils.identity.model import (
    Account,
    Catalog,
    Endpoint,
    Principal,
    Registration,
    Service,
)
from ansible_collections.stackwright.nova.plugins.module_utils.identity.plan import (
    plan_registrations,
    plan_removals,
)

URLS = dict.fromkeys(("public", "internal", "admin"), "http://c")
EMPTY = Catalog(domains={"Default": "default"})


def registration(name: str, user: bool = False) -> Registration:
    account = Account(name, "s3cret", "service", "Default", ("admin", "service")) if user else None
    return Registration(name, name, endpoints=URLS, account=account)


def shapes(plan: Plan) -> list[list[str]]:
    """Each step as the second and third word of its command ("user create"), batch by batch."""
    return [[" ".join(step.command.split()[1:3]) for step in batch] for batch in batches(plan.steps)]


def test_what_is_made_first_is_waited_for() -> None:
    assert shapes(plan_registrations([registration("nova", user=True)], EMPTY)) == [
        ["project create", "user create", "role create", "role create", "region create"],
        ["role add", "role add", "service create"],
        ["endpoint create"] * 3,
    ]


def test_what_all_services_have_is_made_side_by_side() -> None:
    current = replace(EMPTY, regions=frozenset({"RegionOne"}), roles={"admin": "r1", "service": "r2"})
    assert shapes(plan_registrations([registration(name, user=True) for name in "abc"], current)) == [
        ["project create", *["user create"] * 3],
        ["role add", "role add", "service create"] * 3,
        ["endpoint create"] * 9,
    ]


def test_the_order_stays() -> None:
    plan = plan_registrations([registration(name, user=True) for name in "abc"], EMPTY)
    assert tuple(step for batch in batches(plan.steps) for step in batch) == plan.steps


def test_removals_come_last_and_endpoints_before_their_services() -> None:
    services = tuple(Service(f"s{number}", "nova", "nova", "", True) for number in range(2))
    endpoints = tuple(
        Endpoint(f"e{number}", service, "public", "RegionOne", "http://c", True)
        for number, service in enumerate(("s0", "s1", "s1"))
    )
    moved = Endpoint("e9", "s1", "public", "RegionTwo", "http://c", True)
    current = replace(
        EMPTY, services=services, endpoints=(*endpoints, moved), regions=frozenset({"RegionOne"})
    )
    assert shapes(plan_registrations([registration("nova")], current)) == [
        ["endpoint create", "endpoint create", "endpoint set"],
        ["endpoint delete"] * 2,
        ["service delete"],
    ]


def test_deletions_keep_to_their_kind() -> None:
    current = replace(
        EMPTY,
        services=tuple(Service(name, name, name, "", True) for name in "ab"),
        users=tuple(Principal(name, name, "default", True) for name in "ab"),
    )
    removal = plan_removals([registration(name, user=True) for name in "ab"], current)
    assert shapes(removal) == [["user delete"] * 2, ["service delete"] * 2]
