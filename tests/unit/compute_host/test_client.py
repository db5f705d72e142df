# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read from the replies of the APIs, which are those of a real cloud.

compute2 is dead in it, and its one instance was evacuated to compute1: the allocation of that is still there.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_api import Cloud
from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.client import OpenStackHosts
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._compute_host.state import (
    Host,
    Instance,
    Load,
    NetworkAgent,
    Provider,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError

REPLIES = json.loads((Path(__file__).parent / "replies.json").read_text())
PROVIDER = "4cd758dd-a414-4e9c-9abc-b27077c7623d"
ALLOCATIONS = f"/resource_providers/{PROVIDER}/allocations"
EVACUATED = "bf81233d-a48b-40bf-8f99-6fb7fbb38dac"
BRIDGE = "neutron-linuxbridge-agent"
DESIRED = Desired(("compute2",), "absent", agents={"compute2": [BRIDGE]})


class Recorded(Cloud):
    """A Cloud with recorded replies; ``page`` is how many servers and migrations fit one."""

    def __init__(self, page: int = 1000) -> None:
        self.replies = copy.deepcopy(REPLIES)
        self.page = page
        self.sent: list[tuple[str, str, Any]] = []
        self.statuses: dict[str, int] = {}

    def request(self, method: str, service: str, path: str, *, subject: str = "", **options: Any) -> Any:
        versions = {
            "placement": None,
            "network": None,
            "compute": "2.59" if path == "/os-migrations" else "2.53",
        }
        assert options.pop("microversion", None) == versions[service]
        if method != "GET":
            return self._write(method, path, subject, options.get("json"))
        params = options.get("params")
        if not params:
            assert (params == {}) is (path == "/os-hypervisors/detail")
            return self.replies[path]
        (kind,) = reply = self.replies[f"{path}?host={params['host']}"]
        assert params.get("all_tenants") == ("true" if kind == "servers" else None)
        key = "id" if kind == "servers" else "uuid"
        keys = [one[key] for one in reply[kind]]
        start = keys.index(params["marker"]) + 1 if "marker" in params else 0
        found = reply[kind][start : start + self.page]
        more = [{"rel": "next"}] if start + self.page < len(keys) else []
        return {kind: found, f"{kind}_links": more} if more else {kind: found}

    def _write(self, method: str, path: str, subject: str, body: Any) -> Any:
        self.sent.append((method, path, body))
        status = self.statuses.get(path)
        if status:
            kind, _space, name = subject.partition(" ")
            raise ApiError("delete", kind, name, f"HTTP {status} here", "See the log", status=status)
        return {}


@pytest.fixture(name="cloud")
def _cloud() -> Recorded:
    return Recorded()


def api(cloud: Recorded) -> OpenStackHosts:
    return OpenStackHosts(cloud)


def read(cloud: Recorded, desired: Desired = DESIRED, *, load: bool = True) -> Host:
    (host,) = api(cloud).read(desired, load=load).hosts
    return host


def test_a_host_with_all_that_belongs_to_it(cloud: Recorded) -> None:
    cloud.replies["/os-aggregates"]["aggregates"][0]["hosts"] = ["compute1", "compute2"]
    host = read(cloud)
    assert host.service
    assert (host.service.host, host.service.binary, host.service.state) == (
        "compute2",
        "nova-compute",
        "down",
    )
    assert host.mapped
    assert host.providers == (Provider(PROVIDER, "compute2", listed=True),)
    assert host.aggregates == ("it-agg",)
    (agent,) = host.agents
    assert agent == NetworkAgent(agent.id, BRIDGE, alive=False, heartbeat=agent.heartbeat)
    assert agent.heartbeat


def test_the_allocation_of_an_evacuated_instance_goes_with_the_service(cloud: Recorded) -> None:
    assert EVACUATED in cloud.replies[ALLOCATIONS]["allocations"]
    assert read(cloud).load == Load()


def test_without_the_evacuation_the_allocation_counts(cloud: Recorded) -> None:
    cloud.replies["/os-migrations?host=compute2"]["migrations"][0]["dest_compute"] = "compute2"
    cloud.replies["/os-migrations?host=compute2"]["migrations"][0]["source_compute"] = "compute1"
    assert read(cloud).load == Load(allocations={PROVIDER: [EVACUATED]})


@pytest.mark.parametrize("status", ["accepted", "running", "migrating", "post-migrating", "finished"])
def test_a_migration_that_has_not_ended(cloud: Recorded, status: str) -> None:
    migration = cloud.replies["/os-migrations?host=compute2"]["migrations"][1]
    migration["status"] = status
    cloud.replies[ALLOCATIONS]["allocations"][migration["uuid"]] = {}
    text = f"migration of instance {EVACUATED} ({status})"
    assert read(cloud).load == Load(migrations=(text,))


@pytest.mark.parametrize("page", [1, 2, 1000])
def test_instances_by_name_over_any_number_of_pages(page: int) -> None:
    cloud = Recorded(page)
    cloud.replies["/servers?host=compute2"] = {
        "servers": [{"id": f"i{n}", "name": f"w{3 - n}"} for n in range(3)]
    }
    cloud.replies[ALLOCATIONS]["allocations"] = {"i0": {}, "i1": {}}
    assert read(cloud).load == Load(instances=("w1 (i2)", "w2 (i1)", "w3 (i0)"))


def test_a_drain_reads_what_an_instance_does_and_where(cloud: Recorded) -> None:
    server = {"id": "i1", "name": "web", "status": "ACTIVE", "OS-EXT-STS:task_state": None}
    cloud.replies["/servers/detail?host=compute2"] = {
        "servers": [{**server, "OS-EXT-SRV-ATTR:host": "compute2"}]
    }
    host = read(cloud, Desired(("compute2",), "disabled", drain=True))
    assert host.instances == (Instance("i1", "web", "ACTIVE", None, "compute2"),)
    assert host.load.instances == ("web (i1)",)


def test_only_hosts_that_are_up_and_enabled_take_instances(cloud: Recorded) -> None:
    assert api(cloud).read(DESIRED, load=False).available == ("compute1",)
    cloud.replies["/os-services"]["services"][2]["status"] = "disabled"
    state = api(cloud).read(DESIRED, load=False)
    assert (state.others, state.available) == (("compute1",), ())


def test_an_instance_that_is_gone_is_none(cloud: Recorded, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_arguments: Any, **_options: Any) -> Any:
        raise ApiError("read", "compute", "/servers/i1", "HTTP 404", "Correct it", status=404)

    monkeypatch.setattr(cloud, "request", missing)
    assert api(cloud).instance("i1") is None


def test_the_outcome_is_the_end_of_the_traceback_of_what_failed_last(cloud: Recorded) -> None:
    actions = "/servers/i1/os-instance-actions"
    cloud.replies[actions] = {"instanceActions": [{"request_id": "r2"}, {"request_id": "r1"}]}
    events = [
        {"event": "cold_migrate", "result": "Error", "traceback": "Traceback:\n  x\nNoValidHost: none\n"},
        {"event": "compute_x", "result": "Success", "traceback": None},
        {"event": "conductor_y", "result": "Error", "traceback": None},
    ]
    cloud.replies[f"{actions}/r2"] = {"instanceAction": {"events": events}}
    assert api(cloud).outcome("i1") == "NoValidHost: none; conductor_y failed"


def test_an_action_is_sent_as_it_is(cloud: Recorded) -> None:
    api(cloud).act("i1", {"migrate": None})
    assert cloud.sent == [("POST", "/servers/i1/action", {"migrate": None})]


def test_the_load_is_not_asked_for_in_vain(cloud: Recorded) -> None:
    del cloud.replies["/servers?host=compute2"]
    assert read(cloud, load=False).load == Load()
    gone = Desired(("compute9",), "absent", agents={"compute9": [BRIDGE]})
    assert read(cloud, gone) == Host("compute9")


def test_neutron_is_not_asked_in_vain(cloud: Recorded) -> None:
    del cloud.replies["/agents"]
    assert read(cloud, Desired(("compute2",), "absent")).agents == ()


def test_only_the_agents_that_go_along(cloud: Recorded) -> None:
    desired = Desired(("controller",), "absent", agents={"controller": ["neutron-l3-agent"]})
    assert [one.binary for one in read(cloud, desired, load=False).agents] == ["neutron-l3-agent"]
    elsewhere = Desired(("controller",), "absent", agents={"compute2": [BRIDGE]})
    assert read(cloud, elsewhere, load=False).agents == ()


@pytest.mark.parametrize(
    ("name", "belongs"),
    [("compute2", True), ("compute2.lab", True), ("compute20", False), ("compute1", False), ("other", False)],
)
def test_a_provider_without_a_node_belongs_to_the_host_whose_name_it_bears(
    cloud: Recorded, name: str, belongs: bool
) -> None:
    cloud.replies["/resource_providers"]["resource_providers"].append({"uuid": "p0", "name": name})
    assert (Provider("p0", name, listed=False) in read(cloud, load=False).providers) is belongs


def test_a_provider_of_another_host_is_left_alone_whatever_its_name(cloud: Recorded) -> None:
    cloud.replies["/resource_providers"]["resource_providers"][0]["name"] = "compute2.lab"
    assert [one.id for one in read(cloud).providers] == [PROVIDER]
    for service in cloud.replies["/os-services"]["services"]:
        if service["host"] == "compute1":
            service["host"] = "compute2.lab"
    cloud.replies["/os-hypervisors/detail"]["hypervisors"] = []
    assert [one.id for one in read(cloud).providers] == [PROVIDER]


def test_the_other_hosts_are_those_of_nova_compute(cloud: Recorded) -> None:
    assert api(cloud).read(DESIRED, load=False).others == ("compute1",)


def test_what_is_sent(cloud: Recorded) -> None:
    hosts = api(cloud)
    hosts.enable("s1")
    hosts.disable("s1", "new disks")
    hosts.disable("s1", None)
    hosts.delete_service("s1", "compute2")
    hosts.delete_provider("p1", "compute2")
    hosts.delete_agent("a1")
    assert cloud.sent == [
        ("PUT", "/os-services/s1", {"status": "enabled"}),
        ("PUT", "/os-services/s1", {"status": "disabled", "disabled_reason": "new disks"}),
        ("PUT", "/os-services/s1", {"status": "disabled"}),
        ("DELETE", "/os-services/s1", None),
        ("DELETE", "/resource_providers/p1", None),
        ("DELETE", "/agents/a1", None),
    ]


def test_what_is_gone_already_counts_as_deleted(cloud: Recorded) -> None:
    cloud.statuses["/agents/a1"] = 404
    api(cloud).delete_agent("a1")
    assert len(cloud.sent) == 1


def test_a_refusal_by_nova_itself(cloud: Recorded) -> None:
    cloud.statuses["/os-services/s1"] = 409
    with pytest.raises(CollectionError) as refused:
        api(cloud).delete_service("s1", "compute2")
    assert str(refused.value) == (
        "Cannot delete service nova-compute on compute2: HTTP 409 here. Something came to the host meanwhile, or left "
        "allocations there: run again, and see what it names."
    )
    assert refused.value.code == "in_use"
    cloud.statuses["/os-services/s1"] = 500
    with pytest.raises(ApiError):
        api(cloud).delete_service("s1", "compute2")
