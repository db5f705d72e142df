# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts that are drained, against a cloud in memory in which a move takes its time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.state import Instance
from fakes.compute_hosts import FakeHosts

WEB = Instance("i1", "web", "ACTIVE", None, "compute2")
IDLE = Instance("i2", "idle", "SHUTOFF", None, "compute2")
SHELF = Instance("i3", "shelf", "SHELVED", None, "compute2")
DRAIN = {"hosts": ["compute2"], "state": "disabled", "reason": "new memory", "drain": True}
DISABLE = "openstack compute service set --disable --disable-reason 'new memory' compute2 nova-compute"


@pytest.fixture(name="cloud")
def _cloud() -> FakeHosts:
    cloud = FakeHosts()
    cloud.silent_after = float("inf")
    cloud.add("compute1")
    cloud.add("compute2")
    return cloud


def test_what_runs_migrates_live_and_what_is_stopped_is_copied(cloud: FakeHosts) -> None:
    cloud.place("compute2", WEB, SHELF, IDLE)
    foreseen = cloud.run(check=True, **DRAIN)
    assert cloud.calls == []
    result = cloud.run(**DRAIN)
    assert (
        result["commands"]
        == foreseen["commands"]
        == [
            DISABLE,
            "openstack server migrate i2",
            "openstack server resize confirm i2",
            "openstack server shelve --offload i3",
            "openstack server migrate --live-migration i1",
        ]
    )
    assert result["moved"] == ["idle (i2)", "shelf (i3)", "web (i1)"]
    assert {one.status for one in cloud.hosts["compute1"].instances} == {"ACTIVE", "SHUTOFF"}
    assert cloud.hosts["compute2"].instances == ()
    again = cloud.run(**DRAIN)
    assert (again["changed"], again["moved"]) == (False, [])


def test_a_paused_instance_migrates_live(cloud: FakeHosts) -> None:
    cloud.place("compute2", replace(WEB, status="PAUSED"))
    assert cloud.run(**DRAIN)["commands"][1:] == ["openstack server migrate --live-migration i1"]


@pytest.mark.parametrize(
    ("instance", "cause"),
    [
        (replace(WEB, status="VERIFY_RESIZE"), "web (i1) is VERIFY_RESIZE (confirm or revert its resize)"),
        (replace(WEB, status="SUSPENDED"), "web (i1) is SUSPENDED (resume it, or stop it)"),
        (replace(WEB, status="RESCUE"), "web (i1) is RESCUE (unrescue it)"),
        (replace(WEB, status="ERROR"), "web (i1) is ERROR (reset its state"),
        (replace(WEB, status="BUILD"), "web (i1) is BUILD;"),
        (replace(WEB, task="image_uploading"), "web (i1) is busy (image_uploading)"),
    ],
)
def test_all_that_cannot_move_is_named_and_nothing_is_done(
    cloud: FakeHosts, instance: Instance, cause: str
) -> None:
    cloud.place("compute2", instance, IDLE, replace(IDLE, id="i4", name="zero", status="SUSPENDED"))
    for check in (True, False):
        refused = cloud.run(check=check, **DRAIN)
        assert refused["failed"] and refused["code"] == "immovable"
        assert cause in refused["msg"] and "zero (i4) is SUSPENDED" in refused["msg"]
        assert "Nothing was moved, and no host was disabled." in refused["msg"]
    assert cloud.calls == []


def test_without_another_host_nothing_is_done(cloud: FakeHosts) -> None:
    cloud.place("compute2", WEB)
    service = cloud.hosts["compute1"].service
    assert service
    cloud.hosts["compute1"] = replace(
        cloud.hosts["compute1"], service=replace(service, status="disabled", disabled_reason="x")
    )
    assert "no other compute host is enabled and up" in cloud.run(**DRAIN)["msg"]
    assert cloud.calls == []


def test_a_dead_host_is_to_be_evacuated(cloud: FakeHosts) -> None:
    cloud.place("compute2", WEB)
    service = cloud.hosts["compute2"].service
    assert service
    cloud.hosts["compute2"] = replace(cloud.hosts["compute2"], service=replace(service, state="down"))
    assert "nova-compute on compute2 is down (evacuate its instances" in cloud.run(**DRAIN)["msg"]


def test_an_empty_host_needs_no_other_one(cloud: FakeHosts) -> None:
    del cloud.hosts["compute1"]
    assert cloud.run(**DRAIN)["commands"] == [DISABLE]


def test_what_stays_is_named_in_the_end_and_the_others_are_moved(cloud: FakeHosts) -> None:
    cloud.place("compute2", WEB, IDLE)
    cloud.stubborn["i2"] = "NoValidHost: No valid host was found"
    refused = cloud.run(**DRAIN)
    assert refused["code"] == "not_moved"
    assert (
        "idle (i2): it is SHUTOFF, and still on compute2 (NoValidHost: No valid host was found)"
        in refused["msg"]
    )
    assert "The hosts stay disabled" in refused["msg"]
    assert (refused["changed"], list(refused["stayed"])) == (True, ["idle (i2)"])
    assert cloud.calls == ["disable s-compute2", "migrate i2", "os-migrateLive i1"]
    cloud.stubborn.clear()
    assert cloud.run(**DRAIN)["moved"] == ["idle (i2)"]


def test_what_takes_too_long_is_not_waited_for(cloud: FakeHosts) -> None:
    cloud.place("compute2", WEB)
    cloud.slow = 100.0
    refused = cloud.run(drain_timeout=10, **DRAIN)
    assert "web (i1): it is still moving after 10 seconds" in refused["msg"]


@pytest.mark.parametrize("state", ["enabled", "absent"])
def test_only_hosts_that_are_disabled_can_be_drained(cloud: FakeHosts, state: str) -> None:
    refused = cloud.run(hosts=["compute2"], state=state, drain=True)
    assert refused["msg"].startswith(f"Cannot drain compute host compute2: state is {state}")
