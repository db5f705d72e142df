# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.draft import Pending
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
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
from fakes.recorder import calls

URL = "http://c:8774/v2.1"
NOVA = Registration("nova", "compute", "OpenStack Compute", endpoints={"public": URL, "internal": URL})
USER = ServiceUser("nova", "s3cret", "service", "Default", ("admin", "service"))
WITH_USER = replace(NOVA, user=USER)

SERVICE = CatalogService("s1", "nova", "compute", "OpenStack Compute", True)
PUBLIC = CatalogEndpoint("e1", "s1", "public", "RegionOne", URL, True)
INTERNAL = CatalogEndpoint("e2", "s1", "internal", "RegionOne", URL, True)
REGISTERED = State(
    services=(SERVICE,),
    endpoints=(PUBLIC, INTERNAL),
    regions=frozenset({"RegionOne"}),
    domains={"Default": "default"},
    projects=(Principal("p1", "service", "default", True),),
    users=(Principal("u1", "nova", "default", True),),
    roles={"admin": "r1", "service": "r2", "reader": "r3"},
    assignments=frozenset({("u1", "p1", "r1"), ("u1", "p1", "r2"), ("u1", "p1", "r3")}),
    authenticated=frozenset({"u1"}),
)


def plan_registrations(
    registrations: list[Registration], current: State, **options: Any
) -> Plan[CatalogWriter]:
    return plan(Desired(tuple(registrations), **options), current)


def plan_removals(registrations: list[Registration], current: State) -> Plan[CatalogWriter]:
    return plan(Desired(tuple(registrations), present=False), current)


def commands(registration: Registration, current: State, **options: Any) -> list[str]:
    return plan_registrations([registration], current, **options).commands


def test_nothing_to_do() -> None:
    planned = plan_registrations([WITH_USER], REGISTERED)
    assert not planned.changed
    assert planned.before == planned.after
    assert planned.result["services"] == [
        {
            "name": "nova",
            "type": "compute",
            "region": "RegionOne",
            "id": "s1",
            "endpoints": {
                "public": {"id": "e1", "url": URL, "region": "RegionOne"},
                "internal": {"id": "e2", "url": URL, "region": "RegionOne"},
            },
            "user_id": "u1",
            "project_id": "p1",
            "roles": ["admin", "reader", "service"],
        }
    ]


def test_fresh_keystone() -> None:
    planned = plan_registrations([WITH_USER], State(domains={"Default": "default"}))
    member = "--project-domain Default --project service --user-domain Default --user nova"
    assert planned.commands == [
        "openstack project create --domain Default service",
        "openstack user create --domain Default --password-prompt nova",
        "openstack role create admin",
        "openstack role create service",
        "openstack region create RegionOne",
        f"openstack role add {member} admin",
        f"openstack role add {member} service",
        "openstack service create --name nova --description 'OpenStack Compute' compute",
        f"openstack endpoint create --region RegionOne nova public {URL}",
        f"openstack endpoint create --region RegionOne nova internal {URL}",
    ]
    assert planned.before == {}
    assert planned.after["users"]["Default/nova on service"] == {
        "enabled": True,
        "project_enabled": True,
        "roles": ["admin", "service"],
        "password": "as given",
    }
    (service,) = planned.result["services"]
    assert service["id"] is service["user_id"] is service["project_id"] is None
    assert service["endpoints"]["public"] == {"id": None, "url": URL, "region": "RegionOne"}


def test_two_services_share_what_one_of_them_creates() -> None:
    other = Registration(
        "placement", "placement", endpoints={"public": URL}, user=replace(USER, name="placement")
    )
    planned = plan_registrations([WITH_USER, other], State(domains={"Default": "default"}))
    assert len(planned.commands) == len(set(planned.commands)) == 10 + 5


@pytest.mark.parametrize(
    ("current", "expected"),
    [
        pytest.param(
            replace(REGISTERED, endpoints=(PUBLIC,)),
            [f"openstack endpoint create --region RegionOne nova internal {URL}"],
            id="an endpoint is missing",
        ),
        pytest.param(
            replace(REGISTERED, endpoints=(replace(PUBLIC, url=f"{URL}/"), INTERNAL)),
            [f"openstack endpoint set --url {URL} e1"],
            id="a slash too many",
        ),
        pytest.param(
            replace(REGISTERED, endpoints=(replace(PUBLIC, enabled=False), INTERNAL)),
            ["openstack endpoint set --enable e1"],
            id="an endpoint is disabled",
        ),
        pytest.param(
            replace(REGISTERED, services=(replace(SERVICE, description="", enabled=False),)),
            ["openstack service set --description 'OpenStack Compute' --enable s1"],
            id="the service is disabled and has no description",
        ),
        pytest.param(
            # The guide of seed 000: public twice, internal never.
            replace(REGISTERED, endpoints=(PUBLIC, replace(PUBLIC, id="e0"))),
            [
                f"openstack endpoint create --region RegionOne nova internal {URL}",
                "openstack endpoint delete e1",
            ],
            id="public twice and internal never",
        ),
        pytest.param(
            replace(REGISTERED, endpoints=(PUBLIC, INTERNAL, replace(PUBLIC, id="e0", url="http://old"))),
            ["openstack endpoint delete e0"],
            id="of two endpoints the one with the right URL stays",
        ),
        pytest.param(
            replace(
                REGISTERED,
                endpoints=(
                    replace(PUBLIC, url="http://old"),
                    INTERNAL,
                    replace(PUBLIC, id="e0", url="http://older"),
                ),
            ),
            [f"openstack endpoint set --url {URL} e0", "openstack endpoint delete e1"],
            id="of two wrong endpoints the smallest ID stays",
        ),
        pytest.param(
            replace(REGISTERED, services=(SERVICE, replace(SERVICE, id="s2"))),
            ["openstack service delete s2"],
            id="a service without endpoints too many",
        ),
        pytest.param(
            replace(REGISTERED, services=(SERVICE, replace(SERVICE, id="s0"))),
            [
                "openstack endpoint set --service s0 e1",
                "openstack endpoint set --service s0 e2",
                "openstack service delete s1",
            ],
            id="the service that stays takes the endpoints over",
        ),
        pytest.param(
            replace(
                REGISTERED,
                services=(SERVICE, replace(SERVICE, id="s2")),
                endpoints=(
                    PUBLIC,
                    INTERNAL,
                    replace(PUBLIC, id="e3", service_id="s2"),
                    replace(PUBLIC, id="e4", service_id="s2", region="RegionTwo"),
                ),
            ),
            [
                "openstack endpoint set --service s1 e4",
                "openstack endpoint delete e3",
                "openstack service delete s2",
            ],
            id="a service too many has endpoints in another region",
        ),
        pytest.param(
            replace(REGISTERED, endpoints=(PUBLIC, INTERNAL, replace(PUBLIC, id="e3", region="RegionTwo"))),
            [],
            id="other regions are left alone",
        ),
        pytest.param(
            replace(
                REGISTERED, users=(Principal("u1", "nova", "default", False),), authenticated=frozenset()
            ),
            ["openstack user set --enable --password-prompt --domain Default nova"],
            id="the user is disabled",
        ),
        pytest.param(
            replace(REGISTERED, authenticated=frozenset()),
            ["openstack user set --password-prompt --domain Default nova"],
            id="the password differs",
        ),
        pytest.param(
            replace(REGISTERED, projects=(Principal("p1", "service", "default", False),)),
            ["openstack project set --enable --domain Default service"],
            id="the project is disabled",
        ),
        pytest.param(
            replace(REGISTERED, assignments=frozenset({("u1", "p1", "r1")})),
            [
                "openstack role add --project-domain Default --project service "
                "--user-domain Default --user nova service"
            ],
            id="a role is missing",
        ),
        pytest.param(
            replace(REGISTERED, users=(Principal("u9", "nova", "heat", True), *REGISTERED.users)),
            [],
            id="a user of the same name in another domain",
        ),
    ],
)
def test_drift(current: State, expected: list[str]) -> None:
    assert commands(WITH_USER, current) == expected


def test_description_that_is_not_given_is_left_alone() -> None:
    assert commands(replace(NOVA, description=None), REGISTERED) == []


def test_disabled_service() -> None:
    assert commands(replace(NOVA, enabled=False), REGISTERED) == ["openstack service set --disable s1"]
    fresh = commands(Registration("nova", "compute", enabled=False), State())
    assert fresh == ["openstack service create --name nova --disable compute"]


def test_null_takes_an_endpoint_out() -> None:
    registration = replace(NOVA, endpoints={"public": URL, "internal": None, "admin": None})
    planned = plan_registrations([registration], REGISTERED)
    assert planned.commands == ["openstack endpoint delete e2"]
    assert list(planned.result["services"][0]["endpoints"]) == ["public"]


def test_one_service_in_two_regions() -> None:
    there = replace(NOVA, region="RegionTwo", endpoints={"public": "http://there"})
    planned = plan_registrations([NOVA, there], State())
    created = [command for command in planned.commands if "service create" in command]
    assert len(created) == 1
    assert [one["endpoints"]["public"]["url"] for one in planned.result["services"]] == [URL, "http://there"]


def test_the_diff_shows_each_project_of_a_user() -> None:
    other = replace(NOVA, name="other", type="other", endpoints={}, user=replace(USER, project="other"))
    projects = (*REGISTERED.projects, Principal("p2", "other", "default", True))
    given = REGISTERED.assignments - {("u1", "p1", "r2")} | {("u1", "p2", "r1"), ("u1", "p2", "r2")}
    registration = [WITH_USER, other]
    planned = plan_registrations(registration, replace(REGISTERED, projects=projects, assignments=given))
    before, after = (state["users"] for state in (planned.before, planned.after))
    assert before["Default/nova on service"]["roles"] == ["admin", "reader"]
    assert after["Default/nova on service"]["roles"] == ["admin", "reader", "service"]
    assert before["Default/nova on other"] == after["Default/nova on other"]


def test_update_password_on_create() -> None:
    another = replace(REGISTERED, authenticated=frozenset())
    assert commands(WITH_USER, another, update_password=False) == []
    disabled = replace(another, users=(Principal("u1", "nova", "default", False),))
    assert commands(WITH_USER, disabled, update_password=False) == [
        "openstack user set --enable --domain Default nova"
    ]


def test_user_without_password() -> None:
    registration = replace(NOVA, user=replace(USER, password=None))
    assert commands(registration, replace(REGISTERED, authenticated=frozenset())) == []
    with pytest.raises(CollectionError, match="Cannot create user nova: no password is given"):
        commands(registration, State(domains={"Default": "default"}))


def test_unknown_domain() -> None:
    with pytest.raises(CollectionError, match="Keystone has no domain heat") as caught:
        commands(replace(NOVA, user=replace(USER, domain="heat")), REGISTERED)
    assert caught.value.code == "not_found"


def test_disabled_domain() -> None:
    disabled = replace(REGISTERED, disabled_domains=frozenset({"Default"}))
    with pytest.raises(
        CollectionError, match="Cannot register user nova: domain Default is disabled"
    ) as caught:
        commands(WITH_USER, disabled)
    assert caught.value.code == "disabled"
    assert commands(NOVA, disabled) == []
    assert plan_removals([WITH_USER], disabled).changed


@pytest.mark.parametrize(
    ("current", "kind"),
    [
        (replace(REGISTERED, services=(SERVICE, replace(SERVICE, id="s2"))), "service nova of type compute"),
        (
            replace(REGISTERED, endpoints=(PUBLIC, replace(PUBLIC, id="e0"))),
            "endpoint nova public in RegionOne",
        ),
    ],
)
def test_duplicates_fail(current: State, kind: str) -> None:
    with pytest.raises(CollectionError, match=f"Cannot register {kind}: Keystone has 2 of them") as caught:
        commands(NOVA, current, heal=False)
    assert caught.value.code == "duplicate"
    assert len(caught.value.details["ids"]) == 2


def test_another_service_of_the_type_is_warned_of() -> None:
    current = replace(REGISTERED, services=(SERVICE, replace(SERVICE, id="s9", name="Compute")))
    planned = plan_registrations([NOVA], current)
    assert not planned.changed
    assert planned.warnings[0].startswith("Another service of type compute is registered: Compute (s9).")


def test_secrets_are_in_no_text() -> None:
    planned = plan_registrations([WITH_USER], State(domains={"Default": "default"}))
    assert "s3cret" not in repr([planned.commands, planned.before, planned.after, planned.result, WITH_USER])


def test_removal() -> None:
    planned = plan_removals([WITH_USER], REGISTERED)
    assert planned.commands == ["openstack user delete --domain Default nova", "openstack service delete s1"]
    assert planned.after == {}
    (service,) = planned.result["services"]
    assert (service["id"], service["endpoints"], service["user_id"]) == (None, {}, None)
    assert not plan_removals([WITH_USER], replace(REGISTERED, services=(), endpoints=(), users=())).changed


def test_removal_without_user() -> None:
    assert plan_removals([NOVA], REGISTERED).commands == ["openstack service delete s1"]


def test_removal_leaves_other_regions_alone() -> None:
    there = replace(PUBLIC, id="e3", region="RegionTwo")
    current = replace(REGISTERED, endpoints=(PUBLIC, INTERNAL, there))
    planned = plan_removals([NOVA], current)
    assert planned.commands == ["openstack endpoint delete e1", "openstack endpoint delete e2"]
    assert planned.warnings == ("Service nova stays: it has endpoints in RegionTwo.",)
    both = plan_removals([NOVA, replace(NOVA, region="RegionTwo")], current)
    assert both.commands == ["openstack service delete s1"]


def test_removal_leaves_the_user_of_a_service_that_stays() -> None:
    there = replace(PUBLIC, id="e3", region="RegionTwo")
    current = replace(REGISTERED, endpoints=(PUBLIC, there))
    planned = plan_removals([WITH_USER], current)
    assert planned.commands == ["openstack endpoint delete e1"]
    assert planned.warnings == (
        "User nova stays: service nova needs it.",
        "Service nova stays: it has endpoints in RegionTwo.",
    )
    shared = Registration("placement", "placement", user=USER)
    assert plan_removals([shared, WITH_USER], current).commands == planned.commands
    assert len(plan_removals([WITH_USER], replace(current, users=())).warnings) == 1
    everywhere = plan_removals([WITH_USER, replace(WITH_USER, region="RegionTwo")], current)
    assert everywhere.commands == [
        "openstack user delete --domain Default nova",
        "openstack service delete s1",
    ]
    assert everywhere.warnings == ()


def test_steps_call_keystone_with_the_ids_that_are_known() -> None:
    project, user = Pending("project", "Default/service"), Pending("user", "Default/nova")
    account = replace(USER, roles=("admin",))
    registration = replace(NOVA, endpoints={"public": URL}, user=account)
    planned = plan_registrations([registration], State(domains={"Default": "default"}, roles={"admin": "r1"}))
    service = Pending("service", "nova/compute")
    same = {"domain_id": "default", "enabled": True}
    assert calls(planned) == [
        ("create", (project, {"name": "service", **same}), {}),
        ("create", (user, {"name": "nova", "password": "s3cret", **same}), {}),
        ("create", (Pending("region", "RegionOne"), {"id": "RegionOne"}), {}),
        ("assign", (user, project, "r1"), {}),
        (
            "create",
            (
                service,
                {"name": "nova", "type": "compute", "description": "OpenStack Compute", "enabled": True},
            ),
            {},
        ),
        (
            "create",
            (
                Pending("endpoint", "nova/compute/RegionOne/public"),
                {
                    "service_id": service,
                    "region_id": "RegionOne",
                    "interface": "public",
                    "url": URL,
                    "enabled": True,
                },
            ),
            {},
        ),
    ]
    drifted = replace(REGISTERED, endpoints=(replace(PUBLIC, url="http://old"), replace(INTERNAL, id="e0")))
    assert calls(
        plan_registrations([replace(NOVA, endpoints={"public": URL, "internal": None})], drifted)
    ) == [
        ("update", ("endpoint", "e1", {"url": URL}), {}),
        ("delete", ("endpoint", "e0"), {}),
    ]
