# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""keystone_service_endpoint from its parameters to its result, where no contract test looks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import MASK
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.writer import (
    CatalogWriter,
)
from ansible_collections.stackwright.nova.plugins.modules import keystone_service_endpoint
from fakes.keystone import FakeKeystone
from fakes.modules import run_module

AUTH = {"auth_url": "http://c:5000", "username": "admin", "password": "adm1n-s3cret", "project_name": "admin"}
NOVA = {"name": "nova", "type": "compute", "endpoints": {"public": "http://c:8774/v2.1"}}
THERE = {**NOVA, "region": "RegionTwo"}


class Silence(FakeKeystone):
    """A Keystone that is not there yet."""

    def read(self, *_arguments: Any, **_options: Any) -> Any:
        raise UnreachableError("read", "services", "", "connection refused", "Start it")


def run(*services: dict[str, Any], keystone: FakeKeystone | None = None, **params: Any) -> dict[str, Any]:
    api = keystone or FakeKeystone()

    def prepare(operation: Any) -> None:
        operation.client = CatalogWriter(api)

    return run_module(keystone_service_endpoint, prepare, auth=AUTH, services=list(services), **params)


@pytest.mark.parametrize(
    ("services", "message"),
    [
        (
            [NOVA, NOVA],
            "Cannot register service nova: it is listed twice for region RegionOne. List it once.",
        ),
        (
            [{**NOVA, "endpoints": {"private": "http://c"}}],
            "Cannot register service nova: private is not an interface. "
            "Name the interfaces public, internal, admin.",
        ),
        (
            [{**NOVA, "endpoints": {"public": " "}}],
            "Cannot register service nova: the public URL is empty. Give a URL, or null to take it out.",
        ),
        (
            [
                {**NOVA, "user": "u", "password": "one1"},
                {"name": "x", "type": "x", "user": "u", "password": "two2"},
            ],
            "Cannot register service x: user u is given two passwords. Give it the same one everywhere.",
        ),
        (
            [{**NOVA, "description": "east"}, {**THERE, "description": "west"}],
            "Cannot register service nova: it is given two descriptions. Give it the same one everywhere.",
        ),
        (
            [{**NOVA, "enabled": False}, THERE],
            "Cannot register service nova: it is enabled in one entry and disabled in another. "
            "Its regions share it: give the same everywhere.",
        ),
    ],
)
def test_contradictions(services: list[dict[str, Any]], message: str) -> None:
    failed = run(*services)
    assert (failed["msg"], failed["code"]) == (message, "invalid")


@pytest.mark.parametrize(
    ("option", "value", "place"),
    [
        *((option, "", option) for option in ("type", "region", "project", "domain", "password")),
        ("region", " ", "region"),
        ("roles", ["admin", ""], "role 2"),
    ],
)
def test_what_is_empty(option: str, value: Any, place: str) -> None:
    keystone = FakeKeystone()
    failed = run({**NOVA, "user": "nova", option: value}, keystone=keystone)
    assert failed["msg"] == f"Cannot register service nova: its {place} is empty. Give it a value."
    assert (failed["code"], keystone.writes) == ("invalid", [])


def test_without_a_user_its_password_may_be_empty() -> None:
    assert run({**NOVA, "user": "", "password": ""})["changed"]


def test_a_service_without_a_name() -> None:
    failed = run({**NOVA, "name": ""})
    assert failed["code"] == "invalid"
    assert "its name is empty" in failed["msg"]


def test_what_one_entry_says_holds_for_all() -> None:
    keystone = FakeKeystone()
    first = {**NOVA, "user": "nova"}
    second = {**THERE, "user": "nova", "password": "n0va-s3cret", "description": "Compute"}
    made = run(first, second, keystone=keystone)
    assert "openstack service create --name nova --description Compute compute" in made["commands"]
    assert not run(first, second, keystone=keystone)["changed"]


def test_before_keystone_exists() -> None:
    service = {**NOVA, "user": "nova", "password": "n0va-s3cret"}
    predicted = run(service, keystone=Silence(), check=True)
    assert "Check mode goes on as if nothing existed there yet." in predicted["warnings"][0]
    assert predicted["commands"] == run(service)["commands"]
    failed = run(service, keystone=Silence())
    assert (failed["failed"], failed["code"]) == (True, "unreachable")


def test_a_failure_after_writes_says_what_was_done() -> None:
    keystone = FakeKeystone()
    keystone.refuse["create", "endpoint"] = 500
    failed = run(NOVA, keystone=keystone)
    assert (failed["failed"], failed["changed"], failed["code"]) == (True, True, "http_500")
    assert failed["commands"] == [
        "openstack region create RegionOne",
        "openstack service create --name nova compute",
    ]
    assert failed["failed_command"] == (
        "openstack endpoint create --region RegionOne nova public http://c:8774/v2.1"
    )


def test_a_failure_of_the_first_write_changed_nothing() -> None:
    keystone = FakeKeystone()
    keystone.refuse["create", "service"] = 403
    failed = run({**NOVA, "endpoints": {}}, keystone=keystone)
    assert failed["failed_command"] == "openstack service create --name nova compute"
    assert not failed.keys() & {"changed", "commands"}


def test_names_that_are_also_values_of_auth_stay_readable() -> None:
    result = run({**NOVA, "user": "admin", "password": "n0va-s3cret"})
    assert "openstack role create admin" in result["commands"]


@pytest.mark.parametrize("password", ["admin", "http://c:5000", "n0va-s3cret"])
def test_a_password_that_is_also_a_name_in_auth_is_masked_in_the_parameters(password: str) -> None:
    result = run({**NOVA, "user": "nova", "password": password}, invocation=True)
    parameters = result["invocation"]["module_args"]
    assert parameters["services"][0]["password"] == MASK
    assert parameters["auth"]["password"] == MASK
    assert password not in json.dumps(result)
