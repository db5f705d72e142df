# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and the first administrator: both stages of keystone_bootstrap."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._keystone_bootstrap.state import (
    DEFAULT_REPOSITORIES,
)
from ansible_collections.stackwright.nova.plugins.modules import keystone_bootstrap
from fakes.keystone_host import ACCESS, FakeKeystoneHost
from fakes.modules import run_module

PASSWORD = "b00t-s3cret"
ADMIN = {
    "auth_url": "http://c:5000",
    "password": PASSWORD,
    "endpoints": {"public": "http://c:5000/v3", "admin": "http://c:5000/v3"},
}


def run(host: FakeKeystoneHost, **params: Any) -> dict[str, Any]:
    def prepare(operation: Any) -> None:
        operation.client = host

    return run_module(keystone_bootstrap, prepare, **params)


def keys(host: FakeKeystoneHost, **options: Any) -> dict[str, Any]:
    return run(host, stage="keys", **options)


def admin(host: FakeKeystoneHost, **options: Any) -> dict[str, Any]:
    return run(host, **{**ADMIN, **options})


def test_keys_are_made_once() -> None:
    host = FakeKeystoneHost(*DEFAULT_REPOSITORIES)
    predicted = keys(host, check=True, diff=True)
    assert host.ran == []
    made = keys(host, diff=True)
    assert made == predicted
    assert [argv[3] for argv in host.ran] == ["fernet_setup", "credential_setup"]
    assert made["key_repositories"] == [
        {"path": "/etc/keystone/fernet-keys", "keys": [0, 1]},
        {"path": "/etc/keystone/credential-keys", "keys": [0, 1]},
    ]
    again = keys(host)
    assert (again["changed"], again["commands"]) == (False, [])


def test_existing_keys_are_left_alone() -> None:
    rotated = replace(DEFAULT_REPOSITORIES[0], keys=(0, 4, 5))
    host = FakeKeystoneHost(rotated, DEFAULT_REPOSITORIES[1])
    assert len(keys(host)["commands"]) == 1
    assert host.known[0] == rotated


def test_keys_on_a_host_without_keystone() -> None:
    predicted = keys(FakeKeystoneHost(), check=True)
    assert len(predicted["commands"]) == 2
    assert "as if nothing existed" in predicted["warnings"][0]
    failed = keys(FakeKeystoneHost())
    assert (failed["failed"], failed["code"]) == (True, "unreachable")


def test_keys_that_cannot_be_made() -> None:
    failed = keys(FakeKeystoneHost(*DEFAULT_REPOSITORIES, code=1))
    assert failed["msg"].startswith(
        "Cannot make keys in /etc/keystone/fernet-keys: keystone-manage ended with status 1: Permission denied."
    )


def test_a_failure_after_writes_says_what_was_done() -> None:
    host = FakeKeystoneHost(*DEFAULT_REPOSITORIES, broken=["credential_setup"])
    fernet, credential = keys(host, check=True)["commands"]
    failed = keys(host)
    assert failed["msg"].startswith("Cannot make keys in /etc/keystone/credential-keys: ")
    assert (failed["changed"], failed["commands"], failed["failed_command"]) == (True, [fernet], credential)


def test_administrator_is_made_once() -> None:
    host = FakeKeystoneHost()
    predicted = admin(host, check=True, diff=True)
    assert host.ran == []
    assert (predicted["user_id"], predicted["roles"]) == (None, ["admin"])
    made = admin(host, diff=True)
    assert (
        made["commands"]
        == predicted["commands"]
        == [
            "OS_BOOTSTRAP_PASSWORD=******** keystone-manage --config-file /etc/keystone/keystone.conf bootstrap "
            "--bootstrap-username admin --bootstrap-project-name admin --bootstrap-role-name admin "
            "--bootstrap-service-name keystone --bootstrap-region-id RegionOne "
            "--bootstrap-public-url http://c:5000/v3 --bootstrap-admin-url http://c:5000/v3"
        ]
    )
    assert made["diff"] == predicted["diff"]
    assert (made["user_id"], made["project_id"]) == ("u1", "p1")
    again = admin(host, diff=True)
    assert (again["changed"], again["commands"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]


def test_the_password_is_in_the_environment_only() -> None:
    host = FakeKeystoneHost()
    result = admin(host, diff=True)
    assert host.passwords == [PASSWORD]
    assert PASSWORD not in json.dumps([host.ran, result])


def test_an_administrator_without_the_role() -> None:
    assert admin(FakeKeystoneHost(who=replace(ACCESS, roles=("reader",))))["changed"]


def test_a_bootstrap_that_fails() -> None:
    failed = admin(FakeKeystoneHost(code=1, helps=False))
    assert "keystone-manage ended with status 1: DBConnectionError: no server" in failed["msg"]


def test_a_bootstrap_of_another_keystone() -> None:
    failed = admin(FakeKeystoneHost(helps=False))
    assert "the API still refuses this user and password" in failed["msg"]
    assert failed["changed"]
    assert failed["commands"] == admin(FakeKeystoneHost(), check=True)["commands"]
    assert "failed_command" not in failed


def test_what_the_stage_needs() -> None:
    failed = run_module(keystone_bootstrap, password=PASSWORD)
    assert "auth_url" in failed["msg"]
