# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An instance that moves, or that only seems to, over a cloud in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import novnc
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.client import Prover
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.operation import InstanceProof
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.resources import MARK
from fakes.cloud_apis import FakeCloud, refusal

DESIRED = Desired(
    name="proof",
    image="cirros",
    hosts=("compute1", "compute2"),
    console={"address": "STACKWRIGHT-GUEST address={address}"},
    console_error="STACKWRIGHT-GUEST error=",
    moves=("live", "resize"),
    timeout=60,
)
ADDRESS = "STACKWRIGHT-GUEST address={address}"
MOVES = ("live migration", "resize")
LIVE = "os-migrateLive"
NO_HOST = "nova.exception.NoValidHost: No valid host was found."


@pytest.fixture(name="cloud")
def _cloud(cloud: FakeCloud) -> FakeCloud:
    cloud.computes["compute2"] = ("up", "enabled")
    cloud.add("images", name="cirros", status="active", tags=[])
    cloud.console = lambda server: ADDRESS.format(address=server["_address"])
    return cloud


def prove(cloud: FakeCloud, desired: Desired = DESIRED) -> dict[str, Any]:
    """The module's result; what is missing raises."""
    prover = Prover(
        desired,
        lambda: cloud,
        Redactor(),
        look=lambda url, timeout, picture: novnc.Screen(200, "RFB 003.008"),
        clock=cloud.clock,
    )
    proof = InstanceProof(desired, prover)
    current = proof.read()
    plan = proof.plan(current)
    result = dict(proof.apply(current, plan))
    assert proof.journal.commands == plan.commands
    assert cloud.made == {"images": ["cirros"]}
    return result


def moves(parts: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(part["part"], part["state"], part["detail"]) for part in parts if part["part"] in MOVES]


def failed(
    cloud: FakeCloud, desired: Desired = DESIRED
) -> tuple[CollectionError, list[tuple[str, str, str]]]:
    with pytest.raises(CollectionError) as caught:
        prove(cloud, desired)
    return caught.value, moves(caught.value.details["parts"])


def asked(cloud: FakeCloud) -> list[Any]:
    """What servers were asked for, but for their consoles."""
    requests = [
        body for body in cloud.bodies["servers"] if "server" not in body and "remote_console" not in body
    ]
    return [request for request in requests if "os-getConsoleOutput" not in request]


def test_the_first_instance_goes_there_and_back(cloud: FakeCloud) -> None:
    result = prove(cloud)
    assert moves(result["parts"]) == [
        ("live migration", "proven", "compute1 to compute2 in 14 s"),
        ("resize", "proven", "compute2 to compute1 in 30 s"),
    ]
    first, second = result["instances"]
    assert (first["host"], first["moved_to"]) == ("compute1", ["compute2", "compute1"])
    assert (second["host"], second["moved_to"]) == ("compute2", [])
    larger = cloud.bodies["flavors"][1]["flavor"]
    assert (larger["name"], larger["ram"], larger["disk"], larger["vcpus"]) == ("proof-larger", 192, 1, 1)
    assert (larger["description"], larger["os-flavor-access:is_public"]) == (MARK, False)
    live, resize, confirm = asked(cloud)
    assert live == {"os-migrateLive": {"host": None, "block_migration": "auto"}}
    assert list(resize) == ["resize"] and list(resize["resize"]) == ["flavorRef"]
    assert confirm == {"confirmResize": None}


@pytest.mark.parametrize(
    ("order", "proven"),
    [
        (("live",), ["live migration"]),
        (("resize",), ["resize"]),
        (("resize", "live"), ["resize", "live migration"]),
    ],
)
def test_only_what_is_asked_for_in_that_order(
    cloud: FakeCloud, order: tuple[str, ...], proven: list[str]
) -> None:
    assert [
        name for name, state, _detail in moves(prove(cloud, replace(DESIRED, moves=order))["parts"])
    ] == proven


def test_who_asks_for_no_move_need_not_have_services_listed(cloud: FakeCloud) -> None:
    cloud.refuse["GET", "/os-services"] = 403
    assert moves(prove(cloud, replace(DESIRED, moves=()))["parts"]) == []


@pytest.mark.parametrize("state", [("down", "enabled"), ("up", "disabled"), None])
def test_a_cloud_with_one_host_is_proven_without_a_move(
    cloud: FakeCloud, state: tuple[str, str] | None
) -> None:
    del cloud.computes["compute2"]
    if state:
        cloud.computes["compute2"] = state
    result = prove(cloud, replace(DESIRED, hosts=("compute1",)))
    assert result["proven"] is True
    cause = "only one compute host is up and enabled: compute1"
    assert moves(result["parts"]) == [(name, "skipped", cause) for name in MOVES]
    assert asked(cloud) == []


def test_a_complete_migration_that_moved_nothing_is_missing(cloud: FakeCloud) -> None:
    cloud.stays[LIVE] = NO_HOST
    error, parts = failed(cloud)
    assert parts == [
        (
            "live migration",
            "missing",
            "Cannot move server proof-compute1: it is ACTIVE, and still on compute1"
            " (nova.exception.NoValidHost: No valid host was found.)",
        ),
        # One move says nothing about the other.
        ("resize", "proven", "compute1 to compute2 in 30 s"),
    ]
    assert "nova-scheduler" in str(error)


def test_where_nova_says_nothing_the_cause_is_what_was_seen(cloud: FakeCloud) -> None:
    cloud.stays[LIVE] = ""
    _error, parts = failed(cloud)
    assert parts[0][2] == "Cannot move server proof-compute1: it is ACTIVE, and still on compute1"


def test_an_image_with_a_kernel_is_named_as_what_it_is(cloud: FakeCloud) -> None:
    cloud.stays[LIVE] = (
        "ImageUnacceptable: Image k1 is unacceptable: Image content does not match disk_format"
    )
    error, _parts = failed(cloud)
    assert "Nova moves no instance live whose image names a kernel (kernel_id)" in str(error)


def test_a_resize_that_finds_no_host(cloud: FakeCloud) -> None:
    cloud.stays["resize"] = NO_HOST
    _error, parts = failed(cloud)
    assert parts[0][1] == "proven"
    assert parts[1][1:] == (
        "missing",
        "Cannot move server proof-compute1: it is ACTIVE, and still on compute2"
        " (nova.exception.NoValidHost: No valid host was found.)",
    )
    assert {"confirmResize": None} not in asked(cloud)


def test_a_resize_on_the_same_host_moved_nothing(cloud: FakeCloud) -> None:
    cloud.ends = {
        "resize": {"OS-EXT-SRV-ATTR:host": "compute1"},
        "confirmResize": {"OS-EXT-SRV-ATTR:host": "compute1"},
    }
    error, parts = failed(cloud, replace(DESIRED, moves=("resize",)))
    assert parts[0][2] == "Cannot move server proof-compute1: it is ACTIVE, and still on compute1"
    assert "allow_resize_to_same_host" in str(error)


@pytest.mark.parametrize(
    ("action", "part"), [(LIVE, "live migration"), ("resize", "resize"), ("confirmResize", "resize")]
)
def test_an_instance_that_ends_in_error(cloud: FakeCloud, action: str, part: str) -> None:
    cloud.ends[action] = {"status": "ERROR"}
    _error, parts = failed(cloud)
    missing = {name: detail for name, state, detail in parts if state == "missing"}
    assert "Cannot move server proof-compute1: it is ERROR on compute" in missing[part]
    if action == LIVE:
        assert missing["resize"] == "Cannot move server proof-compute1: it is ERROR (no task) before the move"


def test_an_instance_that_dies_on_the_way(cloud: FakeCloud) -> None:
    cloud.ends[LIVE] = {"OS-EXT-STS:power_state": 4}
    _error, parts = failed(cloud)
    assert parts[0][1:] == (
        "missing",
        "Cannot move server proof-compute1: it does not run on compute2, although it is ACTIVE",
    )


@pytest.mark.parametrize(
    ("moves_asked", "seen"),
    [(("live",), "MIGRATING (migrating)"), (("resize",), "RESIZE (resize_migrating)")],
)
def test_a_move_that_takes_too_long(cloud: FakeCloud, moves_asked: tuple[str, ...], seen: str) -> None:
    cloud.move_seconds = 1e9
    _error, parts = failed(cloud, replace(DESIRED, moves=moves_asked))
    assert parts[0][2] == f"Cannot move server proof-compute1: it is still {seen} after 60 seconds"
    assert cloud.clock.now < 200


def test_a_migration_that_the_host_it_left_does_not_end(cloud: FakeCloud) -> None:
    cloud.sweep_seconds = 1e9
    _error, parts = failed(cloud, replace(DESIRED, moves=("live",)))
    cause = "Cannot move server proof-compute1: its live migration is still post-migrating after 60 seconds"
    assert parts == [("live migration", "missing", cause)]


@pytest.mark.parametrize(
    ("action", "part", "subject"),
    [
        (LIVE, "live migration", "live migration"),
        ("resize", "resize", "resize"),
        ("confirmResize", "resize", "confirmation of the resize"),
    ],
)
def test_a_move_that_nova_refuses(cloud: FakeCloud, action: str, part: str, subject: str) -> None:
    cloud.refuse["POST", action] = 400
    _error, parts = failed(cloud)
    cause = f"Cannot create {subject} of server proof-compute1: refused (HTTP 400)"
    assert (part, "missing", cause) in parts
    assert len([state for _name, state, _detail in parts if state == "missing"]) == 1


def test_an_instance_that_stays_in_the_middle_of_a_move(cloud: FakeCloud) -> None:
    cloud.ends["resize"] = {"OS-EXT-STS:task_state": "resize_finish"}
    _error, parts = failed(cloud, replace(DESIRED, moves=("resize", "live")))
    assert "it is still VERIFY_RESIZE (resize_finish) after 60 seconds" in parts[0][2]
    assert "it is VERIFY_RESIZE (resize_finish) before the move" in parts[1][2]


def test_events_that_cannot_be_read_do_not_hide_what_was_seen(cloud: FakeCloud) -> None:
    cloud.stays[LIVE] = NO_HOST
    get = cloud.request

    def request(method: str, service: str, path: str, **options: Any) -> Any:
        if path.endswith("/os-instance-actions"):
            raise refusal(method, options["subject"], 403)
        return get(method, service, path, **options)

    cloud.request = request  # type: ignore[method-assign]
    _error, parts = failed(cloud)
    assert parts[0][2].endswith(
        "still on compute1 (Cannot read events of server proof-compute1: refused (HTTP 403))"
    )


def test_a_flavor_that_is_refused_is_the_resize_that_is_missing(cloud: FakeCloud) -> None:
    cloud.add("flavors", name="proof-larger", description="somebody else's")
    create = cloud._created

    def created(kind: str, request: dict[str, Any]) -> dict[str, Any]:
        if kind == "flavors" and request["flavor"]["name"] == "proof-larger":
            cloud.refuse["POST", "/flavors"] = 409
            return cloud.request("POST", "compute", "/flavors", subject="flavor proof-larger", json=request)
        return create(kind, request)

    cloud._created = created  # type: ignore[method-assign]
    with pytest.raises(CollectionError) as caught:
        prove(cloud)
    assert "resize: Cannot create flavor proof-larger: refused (HTTP 409)" in str(caught.value)
    assert cloud.made["flavors"] == ["proof-larger"]


def test_a_guest_that_does_not_boot_on_the_other_host(cloud: FakeCloud) -> None:
    spoken = cloud.console
    cloud.console = lambda server: spoken(server) if server["_started"] == server["_born"] else "panic\n"
    error, parts = failed(cloud, replace(DESIRED, moves=("resize",)))
    assert parts[0][2] == (
        "Cannot boot server proof-compute1 on compute2: not heard after 60 seconds;"
        f' expected "{ADDRESS.format(address=error.details["instances"][0]["address"])}"'
    )
    (part,) = (part for part in error.details["parts"] if part["part"] == "resize")
    assert part["evidence"] == ["Linux version 6.1", "panic"]
    assert "neutron-dhcp-agent" in part["remedy"]


def test_a_guest_that_complains_on_the_other_host_is_not_waited_for(cloud: FakeCloud) -> None:
    spoken = cloud.console
    complaint = "STACKWRIGHT-GUEST error=no DHCP lease\n"
    cloud.console = lambda server: spoken(server) if server["_started"] == server["_born"] else complaint
    _error, parts = failed(cloud, replace(DESIRED, moves=("resize",)))
    assert "the guest says: STACKWRIGHT-GUEST error=no DHCP lease" in parts[0][2]
    assert cloud.clock.now < 100


def test_another_instance_moves_where_the_first_is_not_proven(cloud: FakeCloud) -> None:
    cloud.faults["compute1"] = "disk full"
    _error, parts = failed(cloud, replace(DESIRED, moves=("live",)))
    assert parts == [("live migration", "proven", "compute2 to compute1 in 14 s")]


def test_without_a_proven_instance_nothing_moves(cloud: FakeCloud) -> None:
    cloud.faults = {"compute1": "disk full", "compute2": "disk full"}
    _error, parts = failed(cloud)
    assert parts == [(name, "skipped", "no instance was proven that could move") for name in MOVES]
    assert asked(cloud) == []


def test_a_larger_flavor_that_was_left_behind_is_removed(cloud: FakeCloud) -> None:
    cloud.add("flavors", name="proof-larger", description=MARK)
    assert prove(cloud)["parts"][0]["part"] == "leftovers"
