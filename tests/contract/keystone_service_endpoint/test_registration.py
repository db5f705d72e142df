# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.operation import (
    KeystoneServiceEndpoint,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.parameters import (
    ARGUMENTS,
    desired,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.writer import (
    CatalogWriter,
)

INTERFACES = ("public", "internal", "admin")
PASSWORD = "f1rst-s3cret"
NASTY = [
    "pa$$word$x",
    "pa%40ss/w%rd",
    "with space ",
    "'single' \"double\"",
    "back\\slash",
    "{{ braces }}",
    "#hash;semi",
    "täst-пароль-密码",
    "p:a@s/s?w#o=r&d",
    "-leading",
    "x" * 72,
    "\ttab",
]


def service(name: str, port: int = 8774, **options: Any) -> dict[str, Any]:
    url = f"http://controller:{port}/v2.1"
    return {
        "name": name,
        "type": f"type-{name}",
        "description": "Of the tests",
        "endpoints": dict.fromkeys(INTERFACES, url),
        **options,
    }


def endpoints(url: str, region: str = "RegionOne") -> list[tuple[str, str, str, bool]]:
    return sorted((region, interface, url, True) for interface in INTERFACES)


def test_life(world: Any, name: str) -> None:
    registered = service(name, user=name, password=PASSWORD)
    predicted = world.run(registered, check=True)
    assert predicted["changed"]
    assert world.services(name) == []
    made = world.run(registered)
    assert made["changed"]
    assert (made["commands"], made["diff"]) == (predicted["commands"], predicted["diff"])
    url = "http://controller:8774/v2.1"
    assert world.services(name) == [{"type": f"type-{name}", "enabled": True, "endpoints": endpoints(url)}]
    assert world.works(name, PASSWORD)
    for check in (False, True):
        again = world.run(registered, check=check)
        assert not again["changed"]
        assert again["commands"] == []
        assert again["diff"]["before"] == again["diff"]["after"]
        assert again["services"] == made["services"]

    changed = service(name, 9999, user=name, password="s3cond-s3cret")
    predicted = world.run(changed, check=True)
    done = world.run(changed)
    assert done["commands"] == predicted["commands"]
    assert len(done["commands"]) == 4
    assert done["services"][0]["id"] == made["services"][0]["id"]
    assert world.services(name)[0]["endpoints"] == endpoints("http://controller:9999/v2.1")
    assert world.works(name, "s3cond-s3cret")
    assert not world.works(name, PASSWORD)
    assert not world.run(changed)["changed"]

    predicted = world.run(changed, check=True, state="absent")
    gone = world.run(changed, state="absent")
    assert gone["commands"] == predicted["commands"]
    assert gone["services"][0]["id"] is None
    assert world.services(name) == []
    assert not world.run(changed, state="absent")["changed"]

    output = json.dumps([made, done, gone, predicted])
    assert PASSWORD not in output
    assert "s3cond-s3cret" not in output
    assert '"admin": {"id"' in json.dumps(made)


def test_public_twice_and_internal_never(world: Any, name: str) -> None:
    """What the guide of seed 000 leaves behind."""
    world.run(service(name, endpoints={}, region="RegionOne"))
    service_id = world.run(service(name, endpoints={"admin": "http://controller:8774/v2.1"}))["services"][0][
        "id"
    ]
    for _turn in range(2):
        world.add(
            "endpoint",
            service_id=service_id,
            region_id="RegionOne",
            interface="public",
            url="http://controller:8774/v2.1",
        )
    result = world.run(service(name))
    assert len(result["commands"]) == 2
    assert world.services(name)[0]["endpoints"] == endpoints("http://controller:8774/v2.1")
    assert not world.run(service(name))["changed"]


def test_duplicate_services(world: Any, name: str) -> None:
    world.run(service(name))
    extra = [
        world.add("service", name=name, type=f"type-{name}", description="", enabled=True)
        for _turn in range(2)
    ]
    world.add("endpoint", service_id=extra[0], region_id="RegionOne", interface="public", url="http://wrong")
    refused = world.run(service(name), duplicates="fail")
    assert refused["failed"]
    assert refused["code"] == "duplicate"
    assert set(extra) < set(refused["ids"])
    world.run(service(name))
    (left,) = world.services(name)
    assert left["endpoints"] == endpoints("http://controller:8774/v2.1")
    assert not world.run(service(name), duplicates="fail")["changed"]


def test_disabled_things_are_enabled(world: Any, name: str) -> None:
    registered = service(name, user=name, password=PASSWORD)
    (made,) = world.run(registered)["services"]
    world.change("service", made["id"], enabled=False)
    world.change("endpoint", made["endpoints"]["public"]["id"], enabled=False)
    world.change("user", made["user_id"], enabled=False)
    world.change("project", made["project_id"], enabled=False)
    assert not world.works(name, PASSWORD)
    assert len(world.run(registered)["commands"]) == 4
    assert world.works(name, PASSWORD)
    (left,) = world.services(name)
    assert left["enabled"]
    assert left["endpoints"] == endpoints("http://controller:8774/v2.1")


def test_a_disabled_domain(world: Any, name: str) -> None:
    domain = world.add("domain", name=name, enabled=True)
    registered = service(name, user=name, password=PASSWORD, project=name, domain=name)
    world.run(registered)
    world.change("domain", domain, enabled=False)
    for check in (True, False):
        failed = world.run(registered, check=check)
        assert failed["code"] == "disabled"
        assert failed["msg"].startswith(f"Cannot register user {name}: domain {name} is disabled")
    assert world.run(registered, state="absent")["changed"]
    world.change("domain", domain, enabled=True)
    assert not world.run(registered, state="absent")["changed"]


def test_a_right_password_is_never_written(world: Any, name: str) -> None:
    registered = service(name, user=name, password=PASSWORD)
    world.run(registered)
    world.run({**registered, "description": "Another", "roles": ["admin", "service", "it_extra"]})
    assert world.writes_of_passwords(name) == 1
    world.run({**registered, "password": "another"}, update_password="on_create")
    assert world.works(name, PASSWORD)


@pytest.mark.parametrize("password", NASTY)
def test_nasty_passwords(world: Any, name: str, password: str) -> None:
    registered = service(name, endpoints={}, user=name, password=password)
    result = world.run(registered)
    assert world.works(name, password)
    assert not world.run(registered)["changed"]
    assert password not in json.dumps(result, ensure_ascii=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://controller:8776/v3/%(tenant_id)s",
        "http://controller:8776/v3/$(project_id)s",
        "http://controller:8774/v2.1/",
        "https://[2001:db8::1]:8774",
        "http://controller/compute?x=1&y=a b",
    ],
)
def test_urls_are_taken_as_they_are(world: Any, name: str, url: str) -> None:
    registered = service(name, endpoints={"public": url})
    world.run(registered)
    assert world.services(name)[0]["endpoints"] == [("RegionOne", "public", url, True)]
    assert not world.run(registered)["changed"]


def test_regions(world: Any, name: str) -> None:
    user = {"user": name, "password": PASSWORD}
    here, there = service(name, **user), service(name, region=f"{name}-2", **user)
    assert f"openstack region create {name}-2" in world.run(here, there)["commands"]
    (found,) = world.services(name)
    url = "http://controller:8774/v2.1"
    assert found["endpoints"] == sorted(endpoints(url) + endpoints(url, f"{name}-2"))
    kept = world.run(there, state="absent")
    assert kept["warnings"] == [
        f"User {name} stays: service {name} needs it.",
        f"Service {name} stays: it has endpoints in RegionOne.",
    ]
    assert world.works(name, PASSWORD)
    assert world.services(name)[0]["endpoints"] == endpoints(url)
    world.run(here, state="absent")
    assert world.services(name) == []


def test_an_endpoint_is_taken_out(world: Any, name: str) -> None:
    world.run(service(name))
    world.run(service(name, endpoints={"admin": None}))
    assert [one[1] for one in world.services(name)[0]["endpoints"]] == ["internal", "public"]


@pytest.mark.parametrize("round_", range(3))
def test_two_runs_at_once(world: Any, name: str, round_: int) -> None:
    params = {option: spec.get("default") for option, spec in ARGUMENTS.items()}
    defaults = {option: spec.get("default") for option, spec in ARGUMENTS["services"]["options"].items()}
    services = [
        {**defaults, **service(f"{name}-{n}", user=f"{name}-{n}", password=PASSWORD, region=f"{name}-r")}
        for n in range(2)
    ]
    registered = desired({**params, "services": services})
    operations = [KeystoneServiceEndpoint(registered, CatalogWriter(world.api())) for _turn in range(2)]
    states = [operation.read() for operation in operations]
    plans = [operation.plan(state) for operation, state in zip(operations, states)]
    errors: list[BaseException] = []

    def apply(number: int) -> None:
        try:
            operations[number].apply(states[number], plans[number])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=apply, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for n in range(2):
        (found,) = world.services(f"{name}-{n}")
        assert found["endpoints"] == endpoints("http://controller:8774/v2.1", f"{name}-r")
        assert world.works(f"{name}-{n}", PASSWORD)
    after = KeystoneServiceEndpoint(registered, CatalogWriter(world.api()))
    assert not after.plan(after.read()).changed
