# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a proof, and the commands that a person would type instead."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.proof import SKIPPED, Part
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.parameters import (
    Desired,
    ImageFiles,
)
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.resources import Resource
from ansible_collections.stackwright.nova.plugins.module_utils._instance_proof.state import State
from fakes.recorder import calls

FILES = ImageFiles("/d", "/k", "/i")
ONLY_DISK = ImageFiles("/d")
DESIRED = Desired(name="proof", files=FILES, hosts=("compute1",))
IMAGE = {"id": "i1", "name": "cirros"}
EXTERNAL = {"id": "e1", "name": "provider"}


def test_the_plan_of_a_cloud_that_is_not_there_yet() -> None:
    commands = plan(DESIRED, State()).commands
    assert commands[0].startswith("openstack image create --file=")
    assert commands[-1] == "openstack image delete proof"


def test_a_proof_is_no_change() -> None:
    proof = plan(DESIRED, State())
    assert calls(proof) == [
        ("make_image", (FILES,), {}),
        ("make_network", (None,), {}),
        ("make_flavor", (), {}),
        ("boot", (), {}),
        ("observe", (), {}),
        ("clean_up", (), {}),
    ]
    assert not proof.changed
    assert (proof.before, proof.after) == ({}, {})


def test_removing_leftovers_is_one() -> None:
    left = (Resource("server", "s1", "proof-compute1"), Resource("router", "r1", "proof"))
    proof = plan(DESIRED, State(left))
    assert proof.changed
    assert calls(proof)[0] == ("remove_leftovers", (left,), {})
    assert proof.steps[0].commands == (
        "openstack server delete --wait proof-compute1",
        "openstack subnet set --no-dhcp proof",
        "openstack router remove subnet proof proof",
        "openstack router delete proof",
    )
    assert proof.before == {"leftovers": ["server proof-compute1", "router proof"]}


def test_an_image_that_is_there_is_used() -> None:
    proof = plan(replace(DESIRED, files=None, image="cirros"), State(image=IMAGE, external_network=EXTERNAL))
    assert calls(proof)[:2] == [("use_image", (IMAGE,), {}), ("make_network", (EXTERNAL,), {})]
    assert not any(" image " in command for command in proof.commands)
    (boot,) = (command for command in proof.commands if "server create" in command)
    assert "--image=cirros" in boot
    assert "openstack router set --external-gateway=provider proof" in proof.commands


def test_without_hosts_and_screens() -> None:
    proof = plan(replace(DESIRED, hosts=(), novnc=False), State())
    assert "openstack console log show proof" in proof.commands
    assert not any("--host=" in command or "novnc" in command for command in proof.commands)


def test_an_instance_is_reached_by_commands_and_its_address_is_given_back() -> None:
    commands = plan(replace(DESIRED, floating_ip="x"), State(external_network=EXTERNAL)).commands
    assert "openstack security group rule create --protocol=tcp --dst-port=80 proof" in commands
    assert "openstack floating ip create '--port=<id of the port of proof-compute1>' provider" in commands
    removal = commands.index("openstack floating ip delete '<floating IP of proof-compute1>'")
    assert removal < commands.index("openstack router remove subnet proof proof")


def test_no_address_where_there_is_no_external_network() -> None:
    commands = plan(replace(DESIRED, floating_ip="x"), State()).commands
    assert not [command for command in commands if "floating" in command]


def test_files_that_are_not_there_are_unmet() -> None:
    (unmet,) = plan(DESIRED, State(missing_files=("/d",))).unmet
    assert str(unmet).startswith("Cannot read guest file /d: there is no such file on this host.")


def test_a_disk_that_boots_by_itself_points_at_nothing() -> None:
    commands = plan(replace(DESIRED, files=ONLY_DISK), State()).commands
    images = [command for command in commands if " image " in command]
    assert images == [
        "openstack image create --file=/d --disk-format=qcow2 --container-format=bare proof",
        "openstack image delete proof",
    ]


def test_a_disk_that_needs_a_kernel_points_at_it() -> None:
    commands = plan(DESIRED, State()).commands
    assert [command.split()[-1] for command in commands[:3]] == ["proof-kernel", "proof-initramfs", "proof"]
    assert "--property=kernel_id=<id of proof-kernel>" in commands[2].replace("'", "")
    assert "--property=ramdisk_id=<id of proof-initramfs>" in commands[2].replace("'", "")
    assert "--property=os_command_line=console=ttyS0" in commands[2]


TWO = State(available=("compute1", "compute2"))
MIGRATION = [
    "openstack --os-compute-api-version=2.74 server migrate --live-migration --wait proof-compute1",
    "openstack server show --column=OS-EXT-SRV-ATTR:host proof-compute1",
]
RESIZE = [
    "openstack flavor create --ram=192 --disk=1 --vcpus=1 --private proof-larger",
    "openstack server resize --flavor=proof-larger --wait proof-compute1",
    "openstack server resize confirm proof-compute1",
    "openstack server show --column=OS-EXT-SRV-ATTR:host proof-compute1",
    "openstack console log show proof-compute1",
]


@pytest.mark.parametrize(
    ("moves", "called", "commands"),
    [
        (("live", "resize"), ["migrate_live", "resize"], [*MIGRATION, *RESIZE]),
        (("resize", "live"), ["resize", "migrate_live"], [*RESIZE, *MIGRATION]),
        (("live",), ["migrate_live"], MIGRATION),
        (("resize",), ["resize"], RESIZE),
        ((), [], []),
    ],
)
def test_where_there_are_two_hosts_the_first_instance_moves(
    moves: tuple[str, ...], called: list[str], commands: list[str]
) -> None:
    proof = plan(replace(DESIRED, moves=moves, hosts=("compute1", "compute2")), TWO)
    steps = calls(proof)
    assert [name for name, _state, _detail in steps] == [
        "make_image",
        "make_network",
        "make_flavor",
        "boot",
        "observe",
        *called,
        "clean_up",
    ]
    assert [command for step in proof.steps[5:-1] for command in step.commands] == commands
    assert ("openstack flavor delete proof-larger" in proof.commands) is ("resize" in moves)
    assert [part["part"] for part in proof.result["parts"]][2:] == [
        {"live": "live migration", "resize": "resize"}[move] for move in moves
    ]
    assert {part["detail"] for part in proof.result["parts"]} == {"check mode boots nothing"}
    assert not proof.changed


@pytest.mark.parametrize(
    ("available", "cause"),
    [
        (("compute1",), "only one compute host is up and enabled: compute1"),
        ((), "no compute host is up and enabled"),
    ],
)
def test_where_there_is_one_host_nothing_moves(available: tuple[str, ...], cause: str) -> None:
    proof = plan(replace(DESIRED, moves=("live", "resize")), State(available=available))
    left_out = (Part("live migration", SKIPPED, cause), Part("resize", SKIPPED, cause))
    assert calls(proof)[-2:] == [("leave_out", (left_out,), {}), ("clean_up", (), {})]
    assert proof.commands == plan(DESIRED, State()).commands
    assert proof.result["parts"][1:] == [part.as_dict() for part in left_out]


@pytest.mark.parametrize(
    ("cells", "moves"),
    [
        ({}, True),
        ({"compute1": "cell1", "compute2": "cell1"}, True),
        ({"compute2": "cell2"}, False),
        ({"compute1": "cell2"}, False),
    ],
)
def test_an_instance_moves_within_its_cell(cells: dict[str, str], moves: bool) -> None:
    asked = replace(DESIRED, moves=("live",), hosts=("compute1", "compute2"), cells=cells)
    proof = plan(asked, TWO)
    assert ("migrate_live" in [name for name, _state, _detail in calls(proof)]) is moves
    if not moves:
        cause = "only one compute host is up and enabled in the cell of compute1: compute1"
        assert proof.result["parts"][-1] == Part("live migration", SKIPPED, cause).as_dict()


def test_an_instance_that_the_scheduler_places_moves_too() -> None:
    commands = plan(replace(DESIRED, hosts=(), moves=("live",)), TWO).commands
    assert "openstack --os-compute-api-version=2.74 server migrate --live-migration --wait proof" in commands
