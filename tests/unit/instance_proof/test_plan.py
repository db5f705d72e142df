# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a proof, and the commands that a person would type instead."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.stackwright.nova.plugins.module_utils.instance_proof.parameters import (
    Desired,
    ImageFiles,
)
from ansible_collections.stackwright.nova.plugins.module_utils.instance_proof.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils.instance_proof.resources import Resource
from ansible_collections.stackwright.nova.plugins.module_utils.instance_proof.state import State
from fakes.recorder import calls

FILES = ImageFiles("/k", "/i", "/d")
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


def test_files_that_are_not_there_are_unmet() -> None:
    (unmet,) = plan(DESIRED, State(missing_files=("/d",))).unmet
    assert str(unmet).startswith("Cannot read guest file /d: there is no such file on this host.")
