# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""compute_host from its parameters to its result, against a cloud in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.state import Load, Provider
from fakes.compute_hosts import FakeHosts

AGENTS = {"compute1": ["neutron-linuxbridge-agent"], "compute2": "neutron-linuxbridge-agent"}
BUSY = Load(instances=("web1 (i1)",))


@pytest.fixture(name="cloud")
def _cloud() -> FakeHosts:
    cloud = FakeHosts()
    cloud.add("compute1")
    cloud.add("compute2")
    return cloud


def disabled(cloud: FakeHosts, host: str, reason: str | None) -> None:
    service = cloud.hosts[host].service
    assert service
    service = replace(service, status="disabled", disabled_reason=reason)
    cloud.hosts[host] = replace(cloud.hosts[host], service=service)


def predicted_and_done(cloud: FakeHosts, **params: Any) -> dict[str, Any]:
    """The result of a run that check mode has predicted in all, and that a second run leaves as it is."""
    told = cloud.run(check=True, diff=True, **params)
    assert cloud.calls == []
    result = cloud.run(diff=True, **params)
    assert told == result
    calls = list(cloud.calls)
    again = cloud.run(**params)
    assert (again["changed"], again["commands"], cloud.calls) == (False, [], calls)
    return result


def test_disabling(cloud: FakeHosts) -> None:
    result = predicted_and_done(cloud, hosts=["compute2"], state="disabled", reason="new disks")
    assert result["commands"] == [
        "openstack compute service set --disable --disable-reason 'new disks' compute2 nova-compute"
    ]
    (host,) = result["hosts"]
    assert (host["status"], host["disabled_reason"]) == ("disabled", "new disks")
    assert '"status": "enabled"' in result["diff"]["before"]
    assert '"disabled_reason": "new disks"' in result["diff"]["after"]
    assert cloud.calls == ["disable s-compute2"]


def test_disabling_without_a_reason(cloud: FakeHosts) -> None:
    result = predicted_and_done(cloud, hosts=["compute2"], state="disabled")
    assert result["commands"] == ["openstack compute service set --disable compute2 nova-compute"]


def test_somebody_elses_reason_stays(cloud: FakeHosts) -> None:
    disabled(cloud, "compute2", "broken disk")
    result = cloud.run(hosts=["compute2"], state="disabled", reason="mine")
    assert (result["changed"], result["hosts"][0]["disabled_reason"]) == (False, "broken disk")


def test_a_host_that_disabled_itself_is_disabled_for_good(cloud: FakeHosts) -> None:
    disabled(cloud, "compute2", "AUTO: Connection to libvirt lost: 1")
    result = predicted_and_done(cloud, hosts=["compute2"], state="disabled", reason="mine")
    assert result["hosts"][0]["disabled_reason"] == "mine"


def test_disabling_does_not_mind_instances_unless_told(cloud: FakeHosts) -> None:
    cloud.add("compute2", load=BUSY)
    assert cloud.run(hosts=["compute2"], state="disabled", check=True)["changed"]
    refused = cloud.run(hosts=["compute1", "compute2"], state="disabled", require_empty=True)
    assert refused["msg"] == (
        "Cannot retire compute host compute2: 1 instance lives there (web1 (i1)). compute2 is enabled, as before. "
        "Migrate, evacuate or delete the instances, then run again."
    )
    assert refused["in_use"] == {
        "compute2": {"instances": ["web1 (i1)"], "migrations": [], "allocations": {}}
    }
    assert cloud.calls == []


def test_an_instance_that_comes_between_the_look_and_the_closing(cloud: FakeHosts) -> None:
    cloud.arriving["compute2"] = BUSY
    refused = cloud.run(hosts=["compute2"], state="disabled", require_empty=True)
    assert (refused["failed"], refused["code"]) == (True, "in_use")
    assert "All hosts stay disabled, so that nothing new comes to them." in refused["msg"]
    again = cloud.run(hosts=["compute2"], state="disabled", require_empty=True)
    assert "compute2 is disabled, as before." in again["msg"]


def test_enabling(cloud: FakeHosts) -> None:
    disabled(cloud, "compute2", "new disks")
    result = predicted_and_done(cloud, hosts=["compute1", "compute2"], state="enabled")
    assert result["commands"] == ["openstack compute service set --enable compute2 nova-compute"]
    assert [host["status"] for host in result["hosts"]] == ["enabled", "enabled"]


def test_enabling_only_what_was_disabled_for_a_reason(cloud: FakeHosts) -> None:
    disabled(cloud, "compute1", "to go")
    disabled(cloud, "compute2", "broken disk")
    result = predicted_and_done(cloud, hosts=["compute1", "compute2"], state="enabled", reason="to go")
    assert cloud.calls == ["enable s-compute1"]
    assert [host["status"] for host in result["hosts"]] == ["enabled", "disabled"]


def test_enabling_a_host_that_has_not_reported(cloud: FakeHosts) -> None:
    refused = cloud.run(hosts=["compute1", "compute3"], state="enabled")
    assert refused["msg"].startswith(
        "Cannot enable compute host compute3: nova-compute has not registered itself there."
    )
    told = cloud.run(hosts=["compute3"], state="enabled", check=True)
    assert (told["changed"], told["hosts"][0]["status"]) == (False, None)


def test_removing(cloud: FakeHosts) -> None:
    hosts = ["compute1", "compute2"]
    disabled(cloud, "compute1", "to go")
    result = predicted_and_done(cloud, hosts=hosts, state="absent", network_agents=AGENTS)
    assert result["commands"] == [
        "openstack compute service delete s-compute1",
        "openstack compute service delete s-compute2",
        "openstack network agent delete a-compute1",
        "openstack network agent delete a-compute2",
    ]
    assert result["removed"] == hosts
    assert result["hosts"][0] == {
        "host": "compute1",
        "status": None,
        "disabled_reason": None,
        "mapped": False,
        "placement_providers": [],
        "aggregates": [],
        "network_agents": [],
    }
    assert result["diff"]["after"] == ""
    for part in (
        '"disabled_reason": "to go"',
        '"p-compute2"',
        '"ssd"',
        '"neutron-linuxbridge-agent"',
        '"mapped": true',
    ):
        assert part in result["diff"]["before"]


def test_agents_that_are_not_named_stay(cloud: FakeHosts) -> None:
    cloud.run(hosts=["compute2"], state="absent")
    assert cloud.calls == ["delete s-compute2 at 0"]
    assert cloud.hosts["compute2"].agents


def test_removing_waits_for_silence(cloud: FakeHosts) -> None:
    cloud.silent_after = 75
    assert cloud.run(hosts=["compute2"], state="absent", network_agents=AGENTS)["changed"]
    assert cloud.calls == ["delete s-compute2 at 76", "delete a-compute2"]


def test_a_host_that_goes_on_reporting_stays(cloud: FakeHosts) -> None:
    cloud.silent_after = 1000
    refused = cloud.run(hosts=["compute2"], state="absent", network_agents=AGENTS, timeout=100)
    assert refused["msg"] == (
        "Cannot remove compute host compute2: after 100 seconds there still report: nova-compute on compute2 (last at "
        "12:00), neutron-linuxbridge-agent on compute2 (last at 12:00). Stop them there and keep them from starting, "
        "or switch the host off."
    )
    assert (refused["reporting"], cloud.calls) == (["compute2"], [])


def test_an_agent_that_is_alive_without_a_service_is_waited_for(cloud: FakeHosts) -> None:
    cloud.add("compute2", service=None, mapped=False, providers=(), aggregates=())
    cloud.silent_after = 1000
    refused = cloud.run(hosts=["compute2"], state="absent", network_agents=AGENTS)
    assert (refused["code"], "nova-compute" in refused["msg"]) == ("timeout", False)


@pytest.mark.parametrize(
    ("load", "text"),
    [
        pytest.param(
            Load(instances=tuple(f"w{number} (i{number})" for number in range(6))),
            "6 instances live there (w0 (i0), w1 (i1), w2 (i2), w3 (i3), w4 (i4), …). compute2 is enabled, as before. "
            "Migrate, evacuate or delete the instances, then run again.",
            id="instances",
        ),
        pytest.param(
            Load(migrations=("resize of instance i1 (finished)",)),
            "1 migration has not ended (resize of instance i1 (finished)). compute2 is enabled, as before. Let the "
            "migrations end, or confirm or revert them, then run again.",
            id="migrations",
        ),
        pytest.param(
            Load(allocations={"p-compute2": ["c1", "c2"]}),
            "Placement has allocations on p-compute2 of 2 consumers without an instance there (c1, c2). compute2 is "
            "enabled, as before. Let instances be built, and delete allocations that stay (nova-manage placement "
            "audit --delete --resource_provider p-compute2), then run again.",
            id="allocations",
        ),
    ],
)
def test_what_keeps_a_host(cloud: FakeHosts, load: Load, text: str) -> None:
    cloud.add("compute2", load=load)
    for check in (True, False):
        refused = cloud.run(hosts=["compute2"], state="absent", check=check)
        assert refused["msg"] == f"Cannot remove compute host compute2: {text}"
    assert cloud.calls == []


def test_one_host_in_use_keeps_all_and_all_in_use_are_named(cloud: FakeHosts) -> None:
    cloud.add("compute1", load=BUSY)
    cloud.add("compute2", load=Load(migrations=("resize of instance i2 (migrating)",)))
    cloud.add("compute3")
    disabled(cloud, "compute2", "to go")
    refused = cloud.run(hosts=["compute1", "compute2", "compute3"], state="absent")
    assert refused["msg"] == (
        "Cannot remove compute hosts compute1, compute2: on compute1 1 instance lives there (web1 (i1)); on compute2 1 "
        "migration has not ended (resize of instance i2 (migrating)). compute1 is enabled, as before. compute2 is "
        "disabled, as before. Migrate, evacuate or delete the instances, let the migrations end, or confirm or revert "
        "them, then run again."
    )
    assert cloud.calls == []


def test_what_is_left_of_a_host_is_removed(cloud: FakeHosts) -> None:
    cloud.add(
        "compute2", service=None, mapped=False, aggregates=(), providers=(Provider("p2", "compute2", False),)
    )
    result = predicted_and_done(cloud, hosts=["compute2"], state="absent", network_agents=AGENTS)
    assert result["commands"] == [
        "openstack resource provider delete p2",
        "openstack network agent delete a-compute2",
    ]
    assert result["removed"] == []


def test_a_stale_provider_goes_too(cloud: FakeHosts) -> None:
    cloud.add("compute2", providers=(Provider("p2", "compute2"), Provider("p0", "compute2", False)))
    cloud.run(hosts=["compute2"], state="absent")
    assert cloud.calls == ["delete s-compute2 at 0", "delete p0"]


def test_a_provider_that_nova_left_there_is_told_and_goes_in_the_next_run(cloud: FakeHosts) -> None:
    cloud.keeps_providers = True
    refused = cloud.run(hosts=["compute2"], state="absent")
    assert (refused["failed"], refused["code"]) == (True, "unproven")
    assert refused["left"][0]["placement_providers"] == ["p-compute2"]
    assert not cloud.run(hosts=["compute2"], state="absent").get("failed")
    assert cloud.calls[-1] == "delete p-compute2"


@pytest.mark.parametrize("state", ["disabled", "absent"])
def test_a_host_that_nova_does_not_know_has_nothing_to_do(cloud: FakeHosts, state: str) -> None:
    result = cloud.run(hosts=["compute9"], state=state, require_empty=True, network_agents=AGENTS, diff=True)
    assert (result["changed"], result["commands"], result["diff"]) == (False, [], {"before": "", "after": ""})
    assert "failed" not in result


@pytest.mark.parametrize(("given", "known"), [("compute2.lab", "compute2"), ("compute3", "compute3.lab")])
def test_a_domain_more_or_less_is_a_mistake(cloud: FakeHosts, given: str, known: str) -> None:
    cloud.add("compute3.lab")
    for state in ("enabled", "disabled", "absent"):
        refused = cloud.run(hosts=[given], state=state)
        assert refused["msg"] == (
            f"Cannot find compute host {given}: Nova knows it as {known}. Give the name that Nova has for it."
        )


def test_a_host_named_twice_is_one(cloud: FakeHosts) -> None:
    cloud.run(hosts=["compute2", "compute2"], state="disabled")
    assert cloud.calls == ["disable s-compute2"]


def test_a_cloud_that_is_not_there_yet(cloud: FakeHosts) -> None:
    cloud.is_away = True
    told = cloud.run(hosts=["compute1"], state="enabled", check=True)
    assert (told["changed"], len(told["warnings"])) == (False, 1)
    assert cloud.run(hosts=["compute1"], state="absent")["code"] == "unreachable"


def test_the_password_is_in_no_result(cloud: FakeHosts) -> None:
    assert "adm1n-s3cret" not in str(cloud.run(hosts=["compute2"], state="disabled", reason="adm1n-s3cret"))


def test_a_failure_after_a_write_tells_what_was_done(cloud: FakeHosts) -> None:
    cloud.broken = {"a-compute2"}
    failed = cloud.run(hosts=["compute1", "compute2"], state="absent", network_agents=AGENTS)
    assert (failed["failed"], failed["code"], failed["changed"]) == (True, "http_500", True)
    assert failed["commands"] == [
        "openstack compute service delete s-compute1",
        "openstack compute service delete s-compute2",
        "openstack network agent delete a-compute1",
    ]
    assert failed["failed_command"] == "openstack network agent delete a-compute2"


def test_a_host_that_fills_up_while_it_is_closed_counts_as_changed(cloud: FakeHosts) -> None:
    cloud.arriving["compute2"] = BUSY
    failed = cloud.run(hosts=["compute2"], state="disabled", require_empty=True)
    assert (failed["code"], failed["changed"]) == ("in_use", True)
    assert failed["commands"] == ["openstack compute service set --disable compute2 nova-compute"]
    assert "failed_command" not in failed


def test_hosts_that_still_report_are_left_as_they_are(cloud: FakeHosts) -> None:
    cloud.silent_after = 1000
    failed = cloud.run(hosts=["compute2"], state="absent")
    assert (failed["code"], "changed" in failed, "commands" in failed) == ("timeout", False, False)
