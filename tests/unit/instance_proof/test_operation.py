# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof from its beginning to its end, over a cloud in memory."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof import novnc
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.client import Prover
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.operation import InstanceProof
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.parameters import (
    Desired,
    ImageFiles,
)
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.resources import MARK
from fakes.clock import FakeClock
from fakes.cloud_apis import SPOKEN, FakeCloud
from fakes.viewpoint import Viewpoint

CONSOLE = {
    "address": "STACKWRIGHT-GUEST address={address}",
    "metadata": "STACKWRIGHT-GUEST instance-id={instance_id}",
}


@pytest.fixture
def desired(tmp_path: Path) -> Desired:
    for name in ("kernel", "initramfs", "disk"):
        (tmp_path / name).write_bytes(name.encode())
    files = ImageFiles(**{name: str(tmp_path / name) for name in ("kernel", "initramfs", "disk")})
    return Desired(
        name="proof",
        files=files,
        hosts=("compute1",),
        console=CONSOLE,
        console_error="STACKWRIGHT-GUEST error=",
    )


def see(url: str, timeout: float, picture: bool) -> novnc.Screen:
    assert "token-of-servers-" in url
    return novnc.Screen(page=200, banner="RFB 003.008")


def blind(url: str, timeout: float, picture: bool) -> novnc.Screen:
    raise CollectionError("open", "console page", url.split("?")[0], "it answers HTTP 404", "Install novnc")


NEVER = 1e9


def prove(
    cloud: FakeCloud,
    desired: Desired,
    look: Any = see,
    redactor: Redactor | None = None,
    viewpoint: Viewpoint | None = None,
) -> dict:
    """The module's result; what is missing raises."""
    prover = Prover(
        desired,
        lambda: cloud,
        redactor or Redactor(),
        look=look,
        viewpoint=viewpoint or Viewpoint(cloud),
        clock=cloud.clock,
    )
    proof = InstanceProof(desired, prover)
    current = proof.read()
    plan = proof.plan(current)
    assert not plan.unmet
    result = {"changed": plan.changed, **plan.result, **proof.apply(current, plan), "commands": plan.commands}
    assert proof.journal.commands == plan.commands
    return result


def rows(parts: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(part["part"], part["subject"], part["state"]) for part in parts]


def test_proves_every_part_and_leaves_nothing(cloud: FakeCloud, desired: Desired) -> None:
    result = prove(cloud, desired)
    assert result["proven"] is True
    assert result["changed"] is False
    assert rows(result["parts"]) == [
        ("image", "", "proven"),
        ("network", "", "proven"),
        ("flavor", "", "proven"),
        ("instance", "compute1", "proven"),
        ("address", "compute1", "proven"),
        ("metadata", "compute1", "proven"),
        ("noVNC", "compute1", "proven"),
        ("cleanup", "", "proven"),
    ]
    (server,) = result["instances"]
    assert server["console"]["metadata"] == f"STACKWRIGHT-GUEST instance-id={server['id']}"
    assert (server["novnc_page"], server["novnc_banner"]) == (200, "RFB 003.008")
    assert cloud.made == {}


@pytest.mark.parametrize("asked", [True, False])
def test_a_picture_of_the_screen_is_taken_if_asked(cloud: FakeCloud, desired: Desired, asked: bool) -> None:
    def look(url: str, timeout: float, picture: bool) -> novnc.Screen:
        return novnc.Screen(200, "RFB 003.008", b"PNG" if picture else b"")

    result = prove(cloud, replace(desired, novnc_picture=asked), look=look)
    assert result["instances"][0]["novnc_picture"] == ("UE5H" if asked else None)


def test_a_screen_without_a_picture_is_proven_all_the_same(cloud: FakeCloud, desired: Desired) -> None:
    def look(url: str, timeout: float, picture: bool) -> novnc.Screen:
        return novnc.Screen(200, "RFB 003.008", no_picture="the VNC server wants a password")

    result = prove(cloud, replace(desired, novnc_picture=True), look=look)
    (seen,) = (part for part in result["parts"] if part["part"] == "noVNC")
    assert (seen["state"], result["instances"][0]["novnc_picture"]) == ("proven", None)
    assert seen["detail"].endswith(", no picture: the VNC server wants a password")


def test_makes_what_the_guest_needs(cloud: FakeCloud, desired: Desired) -> None:
    prove(cloud, desired)
    assert cloud.uploads == {"proof-kernel": b"kernel", "proof-initramfs": b"initramfs", "proof": b"disk"}
    kernel, initramfs, disk = cloud.bodies["images"]
    assert (kernel["disk_format"], initramfs["disk_format"], disk["disk_format"]) == ("aki", "ari", "qcow2")
    assert disk["kernel_id"] and disk["ramdisk_id"] and disk["os_command_line"] == "console=ttyS0"
    server = cloud.bodies["servers"][0]["server"]
    assert server["host"] == "compute1"
    assert server["description"] == MARK
    assert cloud.bodies["routers"][0]["router"]["external_gateway_info"] == {"network_id": "ext-1"}


def test_every_host_gets_an_instance_and_they_boot_together(
    cloud: FakeCloud, desired: Desired, clock: FakeClock
) -> None:
    result = prove(cloud, replace(desired, hosts=("compute1", "compute2", "compute3")))
    assert [server["host"] for server in result["instances"]] == ["compute1", "compute2", "compute3"]
    assert clock.now < 2 * cloud.speak_seconds
    assert cloud.made == {}


def test_without_hosts_the_scheduler_chooses(cloud: FakeCloud, desired: Desired) -> None:
    result = prove(cloud, replace(desired, hosts=()))
    assert "host" not in cloud.bodies["servers"][0]["server"]
    assert [server["host"] for server in result["instances"]] == ["compute1"]


def test_without_an_external_network_the_router_leads_nowhere(cloud: FakeCloud, desired: Desired) -> None:
    del cloud.store["networks"]["ext-1"]
    result = prove(cloud, desired)
    assert "router without a way out" in result["parts"][1]["detail"]
    assert not any("--external-gateway" in command for command in result["commands"])


def test_an_existing_image_is_used_and_kept(cloud: FakeCloud, desired: Desired) -> None:
    image = cloud.add("images", name="cirros", status="active", tags=[])
    prove(cloud, replace(desired, files=None, image="cirros"))
    assert cloud.bodies["servers"][0]["server"]["imageRef"] == image["id"]
    assert cloud.made == {"images": ["cirros"]}


@pytest.mark.parametrize("images", [[], ["queued"], ["active", "active"]])
def test_an_image_must_be_there_once_and_active(
    cloud: FakeCloud, desired: Desired, images: list[str]
) -> None:
    for status in images:
        cloud.add("images", name="cirros", status=status, tags=[])
    with pytest.raises(CollectionError, match="Cannot find image cirros"):
        prove(cloud, replace(desired, files=None, image="cirros"))


def failed(cloud: FakeCloud, desired: Desired, look: Any = see) -> tuple[str, list[dict[str, Any]]]:
    with pytest.raises(CollectionError) as caught:
        prove(cloud, desired, look)
    return str(caught.value), caught.value.details["parts"]


def test_a_fault_is_told_with_its_evidence_and_everything_is_removed(
    cloud: FakeCloud, desired: Desired
) -> None:
    cloud.faults["compute1"] = "No valid host was found."
    message, parts = failed(cloud, desired)
    assert message.startswith(
        "Cannot prove instance proof: instance on compute1: Nova gave it up: No valid host was found"
    )
    assert "nova-scheduler" in message
    assert parts[3]["evidence"] == ["Traceback", "  in spawn"]
    assert cloud.made == {}


def test_one_bad_host_does_not_hide_the_others(cloud: FakeCloud, desired: Desired) -> None:
    cloud.faults["compute2"] = "disk full"
    message, parts = failed(cloud, replace(desired, hosts=("compute1", "compute2")))
    assert "compute1" not in message
    assert ("noVNC", "compute1", "proven") in rows(parts)
    assert ("instance", "compute2", "missing") in rows(parts)


def test_a_host_that_nova_refuses_does_not_hide_the_others(cloud: FakeCloud, desired: Desired) -> None:
    cloud.unknown_hosts = {"compute9"}
    message, parts = failed(cloud, replace(desired, hosts=("compute9", "compute1")))
    assert "instance on compute9: Cannot create server proof-compute9: refused (HTTP 400)" in message
    assert ("noVNC", "compute1", "proven") in rows(parts)
    assert cloud.made == {}


def test_an_instance_that_never_gets_active(cloud: FakeCloud, desired: Desired) -> None:
    cloud.boot_seconds = 1e9
    message, _parts = failed(cloud, replace(desired, timeout=30))
    assert "instance on compute1: BUILD (spawning) after 30 seconds" in message
    assert cloud.made == {}


@pytest.mark.parametrize(
    ("said", "missing", "remedy"),
    [
        ("", "address", "neutron-dhcp-agent"),
        ("STACKWRIGHT-GUEST address={address}", "metadata", "neutron-metadata-agent"),
        (
            "STACKWRIGHT-GUEST address=10.0.0.1\nSTACKWRIGHT-GUEST instance-id={id}",
            "address",
            "neutron-dhcp-agent",
        ),
        (
            "STACKWRIGHT-GUEST address={address}\nSTACKWRIGHT-GUEST instance-id=x",
            "metadata",
            "metadata_proxy",
        ),
    ],
)
def test_a_guest_that_does_not_say_what_it_should(
    cloud: FakeCloud, desired: Desired, said: str, missing: str, remedy: str
) -> None:
    cloud.console = lambda server: said.format(address=server["_address"], id=server["id"])
    message, parts = failed(cloud, replace(desired, timeout=60))
    assert f"{missing} on compute1: not on its console after 60 seconds; expected" in message
    assert remedy in message
    part = next(part for part in parts if part["part"] == missing)
    assert part["evidence"][0] == "Linux version 6.1"
    assert cloud.made == {}


def test_a_guest_that_complains_is_not_waited_for(
    cloud: FakeCloud, desired: Desired, clock: FakeClock
) -> None:
    cloud.console = lambda server: "STACKWRIGHT-GUEST error=no DHCP lease within 120 s\n"
    message, _parts = failed(cloud, desired)
    assert "the guest says: STACKWRIGHT-GUEST error=no DHCP lease within 120 s" in message
    assert clock.now < 60


def test_a_silent_guest_does_not_run(cloud: FakeCloud, desired: Desired) -> None:
    cloud.refuse["POST", "/servers/servers-"] = 409
    message, _parts = failed(cloud, replace(desired, timeout=60))
    assert "virt_type = qemu" in message


def test_a_screen_that_cannot_be_seen(cloud: FakeCloud, desired: Desired) -> None:
    message, parts = failed(cloud, desired, blind)
    assert "noVNC on compute1: Cannot open console page http://controller:6080/vnc_lite.html" in message
    assert message.endswith("Install novnc.")
    assert rows(parts)[-2:] == [("noVNC", "compute1", "missing"), ("cleanup", "", "proven")]


@pytest.mark.parametrize(
    ("path", "part"),
    [("/images", "image"), ("/networks", "network"), ("/routers", "network"), ("/flavors", "flavor")],
)
def test_a_refused_request_ends_the_proof_and_cleans_up(
    cloud: FakeCloud, desired: Desired, path: str, part: str
) -> None:
    cloud.refuse["POST", path] = 403
    message, parts = failed(cloud, desired)
    assert "refused (HTTP 403)" in message
    assert (part, "", "missing") in rows(parts)
    assert cloud.made == {}


def test_what_cannot_be_removed_is_told_and_the_rest_is_removed(cloud: FakeCloud, desired: Desired) -> None:
    cloud.refuse["DELETE", "/flavors"] = 500
    message, parts = failed(cloud, desired)
    assert "cleanup: Cannot delete flavor proof: refused (HTTP 500)" in message
    assert rows(parts)[-1] == ("cleanup", "", "missing")
    assert cloud.made == {"flavors": ["proof"]}


def test_a_server_that_does_not_go_away(cloud: FakeCloud, desired: Desired) -> None:
    cloud.delete_seconds = 1e9
    message, _parts = failed(cloud, replace(desired, timeout=60))
    assert "Cannot delete server proof-compute1: it is still there (ACTIVE) after 60 seconds" in message


def test_an_api_that_breaks_in_the_middle_is_told_with_what_was_seen(
    cloud: FakeCloud, desired: Desired
) -> None:
    cloud.refuse["GET", "/servers/servers-"] = 500
    message, parts = failed(cloud, desired)
    assert message.startswith("Cannot prove instance proof: instance: Cannot read server proof-compute1:")
    assert ("flavor", "", "proven") in rows(parts)


def test_a_failure_can_be_kept_for_a_look(cloud: FakeCloud, desired: Desired) -> None:
    _error, parts = failed(cloud, replace(desired, keep_failed=True), blind)
    assert rows(parts)[-1] == ("cleanup", "", "skipped")
    assert cloud.made["servers"] == ["proof-compute1"]


def test_leftovers_are_removed_first_and_count_as_a_change(cloud: FakeCloud, desired: Desired) -> None:
    failed(cloud, replace(desired, keep_failed=True), blind)
    left = {kind: list(bodies) for kind, bodies in cloud.store.items()}
    result = prove(cloud, desired)
    assert result["changed"] is True
    assert rows(result["parts"])[0] == ("leftovers", "", "proven")
    assert result["commands"][:3] == [
        "openstack server delete --wait proof-compute1",
        "openstack subnet set --no-dhcp proof",
        "openstack router remove subnet proof proof",
    ]
    assert not any(key in cloud.store[kind] for kind, keys in left.items() for key in keys if key != "ext-1")
    assert prove(cloud, desired)["changed"] is False


@pytest.mark.parametrize(
    "foreign",
    [
        {"name": "proof", "description": "somebody else's"},
        {"name": "proofreader", "description": MARK},
        {"name": "other-proof", "description": MARK},
    ],
)
def test_only_what_has_name_and_mark_is_ever_deleted(
    cloud: FakeCloud, desired: Desired, foreign: dict[str, str]
) -> None:
    for kind in ("flavors", "networks", "routers", "security-groups"):
        cloud.add(kind, **foreign, subnets=[])
    cloud.add("images", **foreign, status="active", tags=["proof"])
    before = cloud.made
    result = prove(cloud, desired)
    assert result["changed"] is False
    assert cloud.made == before


def test_ports_that_block_our_network_are_removed(cloud: FakeCloud, desired: Desired) -> None:
    network = cloud.add("networks", name="proof", description=MARK, subnets=[])
    cloud.add("ports", network_id=network["id"], device_owner="compute:nova", device_id="gone", name="")
    assert prove(cloud, desired)["changed"] is True
    assert cloud.store["ports"] == {}


def test_check_mode_reads_only(cloud: FakeCloud, desired: Desired) -> None:
    prover = Prover(desired, lambda: cloud, Redactor(), look=see, clock=cloud.clock)
    proof = InstanceProof(desired, prover)
    current = proof.read()
    plan = proof.plan(current)
    assert {method for method, _path in cloud.requests} == {"GET"}
    assert (plan.changed, plan.result["proven"]) == (False, False)
    assert rows(plan.result["parts"]) == [("instance", "compute1", "skipped")]
    assert plan.commands == prove(cloud, desired)["commands"]


def test_the_token_of_the_console_is_a_secret(cloud: FakeCloud, desired: Desired) -> None:
    redactor = Redactor()
    (server,) = prove(cloud, desired, redactor=redactor)["instances"]
    assert redactor.text(f"?token=token-of-{server['id']}") == "?token=********"


def test_addresses_are_compared_whole(cloud: FakeCloud, desired: Desired) -> None:
    cloud.console = lambda server: SPOKEN.format(address=server["_address"] + "0", id=server["id"])
    message, _parts = failed(cloud, replace(desired, timeout=60))
    assert "address on compute1" in message


def outside_part(cloud: FakeCloud, desired: Desired, **seen: float) -> dict[str, Any]:
    """The part of the floating IP."""
    wanted = replace(desired, floating_ip="{instance_id}", timeout=60)
    try:
        parts = prove(cloud, wanted, viewpoint=Viewpoint(cloud, **seen))["parts"]
    except CollectionError as error:
        parts = error.details["parts"]
    assert cloud.made == {}
    (part,) = (part for part in parts if part["part"] == "floating IP")
    return part


@pytest.mark.parametrize(
    ("seen", "state", "detail"),
    [
        ({}, "proven", "172.30.77.140 answers controller1 with servers-"),
        # The router is there long before what leads through it.
        ({"page_from": 70.0}, "proven", "172.30.77.140 answers controller1 with servers-"),
        # A site may have a way for pages and none for echoes.
        ({"echo_from": NEVER}, "proven", "172.30.77.140 answers controller1 with servers-"),
        ({"page_from": NEVER}, "missing", "although the router at 172.30.77.100 is there"),
        (
            {"page_from": NEVER, "echo_from": NEVER},
            "skipped",
            "controller1 has no way into the external network: not even the router at 172.30.77.100 answers it",
        ),
    ],
)
def test_a_floating_ip_is_seen_from_outside_or_not(
    cloud: FakeCloud, desired: Desired, seen: dict[str, float], state: str, detail: str
) -> None:
    part = outside_part(cloud, desired, **seen)
    assert (part["state"], part["subject"]) == (state, "compute1")
    assert detail in part["detail"]
    assert ("L3 agent" in part["remedy"]) == (state == "missing")
    assert {"direction": "ingress", "port_range_min": 80}.items() <= cloud.bodies["security-group-rules"][0][
        "security_group_rule"
    ].items()


def test_another_page_on_a_floating_ip_is_not_the_instances(cloud: FakeCloud, desired: Desired) -> None:
    wanted = replace(desired, floating_ip="{instance_id}0", timeout=60)
    with pytest.raises(CollectionError, match=r"floating IP on compute1: 172.30.77.140 does not answer"):
        prove(cloud, wanted)


def test_a_floating_ip_that_neutron_refuses_is_told(cloud: FakeCloud, desired: Desired) -> None:
    cloud.refuse["POST", "/floatingips"] = 409
    part = outside_part(cloud, desired)
    assert (part["state"], "refused (HTTP 409)" in part["detail"]) == ("missing", True)


def test_without_an_external_network_no_floating_ip_is_asked_for(cloud: FakeCloud, desired: Desired) -> None:
    del cloud.store["networks"]["ext-1"]
    part = outside_part(cloud, desired)
    assert (part["state"], part["detail"]) == ("skipped", "there is no external network")
    assert "floatingips" not in cloud.bodies


def test_a_floating_ip_that_was_left_is_removed_and_somebody_elses_is_not(
    cloud: FakeCloud, desired: Desired
) -> None:
    own = cloud.add("floatingips", floating_ip_address="172.30.77.150", description=f"proof: {MARK}")
    for description in ("proof", f"proofreader: {MARK}", MARK, ""):
        cloud.add("floatingips", floating_ip_address="172.30.77.151", description=description)
    cloud.store["networks"].pop("ext-1")
    assert prove(cloud, desired)["changed"] is True
    assert own["id"] not in cloud.store["floatingips"]
    assert cloud.made == {"floatingips": ["172.30.77.151"] * 4}


def test_a_slow_guest_is_waited_for_and_one_that_stands_still_is_not(
    cloud: FakeCloud, desired: Desired, clock: FakeClock
) -> None:
    cloud.speak_seconds = 150.0

    def booting(server: dict[str, Any]) -> str:
        return SPOKEN.format(address=server["_address"], id=server["id"]) if clock.now >= 150 else ""

    # It says another line every second.
    cloud.speak_seconds = 0.0
    cloud.console = lambda server: "x\n" * int(min(clock.now, cloud_stops)) + booting(server)
    cloud_stops = 1000.0
    assert prove(cloud, replace(desired, timeout=60))["proven"]
    clock.now = cloud_stops = 0.0
    message, _parts = failed(cloud, replace(desired, timeout=60))
    assert "not on its console after 60 seconds" in message
