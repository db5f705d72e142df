# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""nova_service_info from the replies of the APIs to its result, waiting included."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.nova_api import Nova
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.modules import nova_service_info
from fakes.clock import FakeClock
from fakes.modules import run_module

AUTH = {"auth_url": "http://c:5000", "username": "admin", "password": "adm1n-s3cret", "project_name": "admin"}
REPLIES = json.loads((Path(__file__).parent / "replies.json").read_text())
EXPECT = {"controller": ["nova-scheduler", "nova-conductor"], "compute1": ["nova-compute"]}
SILENCE = UnreachableError("read", "compute /os-services", "", "connection refused", "Start it")

Reply = Any


class Recorded(Cloud):
    """A Cloud that gives recorded replies, ``page`` hypervisors at once."""

    def __init__(self, replies: dict[str, Any], page: int = 1000) -> None:
        self.replies = replies
        self.page = page

    def request(
        self, method: str, service: str, path: str, *, params: Any = None, subject: str = "", **options: Any
    ) -> Any:
        assert method == "GET"
        assert options == ({"microversion": "2.53"} if service == "compute" else {})
        if params is None:
            return self.replies[path]
        found = self.replies[path]["hypervisors"]
        start = [one["id"] for one in found].index(params["marker"]) + 1 if params else 0
        end = start + self.page
        more = {"hypervisors_links": [{"rel": "next"}]} if end < len(found) else {}
        return {"hypervisors": found[start:end], **more}


def replies(**changes: Any) -> dict[str, Any]:
    """The recorded replies with the first service or hypervisor, or the list of them, changed."""
    changed = json.loads(json.dumps(REPLIES))
    if "compute_state" in changes:
        for service in changed["/os-services"]["services"]:
            if service["binary"] == "nova-compute":
                service["state"] = changes["compute_state"]
    if changes.get("unmapped"):
        changed["/os-hypervisors/detail"]["hypervisors"] = []
    return dict(changed)


class Sequence:
    """A ComputeApi that gives one reply after the other."""

    def __init__(self, *answers: dict[str, Any] | Exception) -> None:
        self.answers = list(answers)
        self.looks = 0
        self.clock = FakeClock()

    @property
    def now(self) -> float:
        return self.clock.now

    def read(self) -> Any:
        answer = self.answers[min(self.looks, len(self.answers) - 1)]
        self.looks += 1
        if isinstance(answer, Exception):
            raise answer
        return Nova(Recorded(answer)).read()


def look(*answers: dict[str, Any] | Exception, **params: Any) -> tuple[dict[str, Any], Sequence]:
    api = Sequence(*answers)

    def prepare(operation: Any) -> None:
        operation.client, operation.clock = api, api.clock

    return run_module(nova_service_info, prepare, auth=AUTH, **params), api


def test_a_healthy_cloud() -> None:
    result, api = look(replies(), expect=EXPECT)
    assert (result["healthy"], result["missing"], result["changed"]) == (True, [], False)
    assert "commands" not in result
    assert sorted((one["host"], one["binary"]) for one in result["services"]) == [
        ("compute1", "nova-compute"),
        ("controller", "nova-conductor"),
        ("controller", "nova-scheduler"),
    ]
    (hypervisor,) = result["hypervisors"]
    (compute,) = result["computes"]
    assert compute == {
        "host": "compute1",
        "state": "up",
        "status": "enabled",
        "mapped": True,
        "placement_provider": hypervisor["id"],
    }
    assert api.looks == 1


def test_waiting_until_it_is_healthy() -> None:
    result, api = look(
        SILENCE, replies(compute_state="down"), replies(unmapped=True), replies(), expect=EXPECT, timeout=60
    )
    assert result["healthy"]
    assert "warnings" not in result
    assert (api.looks, api.clock.slept) == (4, [2.0, 2.0, 2.0])


def test_waiting_in_vain() -> None:
    result, api = look(replies(unmapped=True), expect=EXPECT, timeout=60)
    assert result["failed"]
    assert result["msg"].startswith(
        "Cannot find Nova's services healthy: after 60 seconds, compute1 is not mapped to a cell, so that "
        "nothing is scheduled to it."
    )
    assert result["missing"] == ["compute1 is not mapped to a cell, so that nothing is scheduled to it."]
    assert result["code"] == "timeout"
    assert api.now == 60


def test_looking_once() -> None:
    result, api = look(replies(compute_state="down"), expect=EXPECT)
    assert (result["failed"], result["code"], api.looks) == (True, "unhealthy", 1)


def test_without_expectations_nothing_is_an_error() -> None:
    result, api = look(replies(compute_state="down"), timeout=10)
    assert (result["healthy"], len(result["missing"]), api.now) == (False, 1, 10)
    assert "failed" not in result


def test_one_binary_may_be_written_as_text() -> None:
    result, _cloud = look(replies(), expect={"compute1": "nova-compute"})
    assert result["healthy"]


@pytest.mark.parametrize("binaries", [None, "", 5, [None], ["nova-compute", ""], {"nova-compute": True}])
def test_expectations_without_names(binaries: Any) -> None:
    result, api = look(replies(), expect={"compute1": binaries})
    assert result["msg"] == (
        f"Cannot expect services on compute1: {binaries!r} is not a list of names. "
        "Name the services that must work there, such as [nova-compute]."
    )
    assert (result["code"], api.looks) == ("invalid", 0)


def test_an_api_that_stays_silent() -> None:
    result, api = look(SILENCE, timeout=10)
    assert (result["failed"], result["code"], api.now) == (True, "unreachable", 10)


@pytest.mark.parametrize("answer", [SILENCE, replies(unmapped=True)])
def test_check_mode_neither_waits_nor_fails(answer: Any) -> None:
    result, api = look(answer, expect=EXPECT, timeout=60, check=True)
    assert (result["healthy"], api.looks) == (False, 1)
    assert result["missing"]
    assert ("warnings" in result) is (answer is SILENCE)


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A test that sleeps for real is wrong."""
    monkeypatch.setattr("time.sleep", None)
    yield
