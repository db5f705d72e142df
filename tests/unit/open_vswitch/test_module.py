# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module open_vswitch, over an Open vSwitch that only notes what it is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.state import (
    Link,
    State,
    VirtualBridge,
)
from ansible_collections.stackwright.nova.plugins.modules import open_vswitch
from fakes.clock import FakeClock
from fakes.modules import run_module

TSO = {"userspace-tso-enable": True}
PROVIDER = {"name": "br-provider", "ports": ["eth1"]}
FREE = {"eth1": Link()}
BARE = State(links=FREE)
RUNNING = State(links=FREE, serves=True, runs=True)
OURS = VirtualBridge("system", frozenset({"eth1"}), ours=True)
THERE = replace(RUNNING, bridges={"br-provider": OURS}, own_ports=frozenset({"eth1"}))
MARK = "external_ids:stackwright=nova"
START = "systemctl start ovs-vswitchd openvswitch-switch"


class FakeSwitch:
    """Has ``state``; None stands for a host on which it is not installed. It takes no ``faults`` but these."""

    def __init__(self, state: State | None, faults: Sequence[dict[str, str]] = ()) -> None:
        self.state = state
        self.faults = [*faults]
        self.done: list[str] = []

    def read(self, desired: Desired) -> State:
        if self.state is None:
            raise UnreachableError("read", "bridges of Open vSwitch", "", "it is not installed", "Install it")
        return replace(self.state, faults=self.faults.pop(0)) if self.faults else self.state

    def change(self, commands: Sequence[Sequence[str]], *, wait: bool) -> None:
        words = [word for command in commands for word in ("--", *command)]
        self.done.append(" ".join(["ovs-vsctl", *([] if wait else ["--no-wait"]), *words]))

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        self.done.append(" ".join(["systemctl", verb, *names]))


def call(
    state: State | None, *, check: bool = False, faults: Sequence[dict[str, str]] = (), **params: Any
) -> dict[str, Any]:
    """The result of a run, whose commands are those that were carried out."""
    switch = FakeSwitch(state, faults)

    def prepare(operation: Any) -> None:
        operation.client = switch
        operation.clock = FakeClock()

    result = run_module(open_vswitch, prepare, check=check, diff=True, **params)
    assert switch.done == ([] if check else result.get("commands", []))
    return result


def changes(state: State, **params: Any) -> list[str]:
    """What a run does, which check mode predicts."""
    done = call(state, **params)
    assert call(state, check=True, **params) == done
    assert done["changed"] is bool(done["commands"])
    return done["commands"]


@pytest.mark.parametrize(
    ("state", "params", "commands"),
    [
        pytest.param(
            BARE,
            {"bridges": [PROVIDER]},
            [
                "systemctl start ovsdb-server",
                f"ovs-vsctl --no-wait -- add-br br-provider -- set Bridge br-provider datapath_type=system {MARK}"
                f" -- add-port br-provider eth1 -- set Port eth1 {MARK}",
                START,
            ],
            id="from nothing",
        ),
        pytest.param(
            replace(BARE, serves=True),
            {"other_config": TSO},
            ['ovs-vsctl --no-wait -- set Open_vSwitch . other_config:userspace-tso-enable="true"', START],
            id="a setting before the first start",
        ),
        pytest.param(
            RUNNING,
            {"other_config": TSO},
            [
                "systemctl stop ovs-vswitchd",
                'ovs-vsctl --no-wait -- set Open_vSwitch . other_config:userspace-tso-enable="true"',
                START,
            ],
            id="a setting that is read at the start",
        ),
        pytest.param(
            RUNNING,
            {"other_config": {"max-idle": 500}},
            ['ovs-vsctl -- set Open_vSwitch . other_config:max-idle="500"'],
            id="a setting that is read at any time",
        ),
        pytest.param(
            replace(RUNNING, settings={"other_config": {"max-idle": "500", "other": "x"}}),
            {"other_config": {"max-idle": None}},
            ["ovs-vsctl -- remove Open_vSwitch . other_config max-idle"],
            id="a setting that goes",
        ),
        pytest.param(
            replace(RUNNING, managers=frozenset({"ptcp:6640"})),
            {"external_ids": {"ovn-remote": "tcp:192.0.2.1:6642"}, "managers": ["ptcp:6640:127.0.0.1"]},
            [
                'ovs-vsctl -- set Open_vSwitch . external_ids:ovn-remote="tcp:192.0.2.1:6642"'
                " -- set-manager ptcp:6640:127.0.0.1"
            ],
            id="what others are to know",
        ),
        pytest.param(
            replace(RUNNING, managers=frozenset({"ptcp:6640"})),
            {"managers": []},
            ["ovs-vsctl -- del-manager"],
            id="no manager any more",
        ),
        pytest.param(
            replace(RUNNING, managers=frozenset({"ptcp:6640"})), {}, [], id="a manager of somebody else"
        ),
        pytest.param(RUNNING, {"other_config": {"max-idle": None}}, [], id="a setting that is not there"),
        pytest.param(THERE, {"bridges": [PROVIDER]}, [], id="nothing to do"),
        pytest.param(
            replace(THERE, serves=False, runs=False),
            {"bridges": [PROVIDER]},
            [
                "systemctl start ovsdb-server",
                START,
            ],
            id="stopped",
        ),
        pytest.param(
            THERE,
            {"bridges": [{**PROVIDER, "datapath": "netdev"}]},
            ["ovs-vsctl -- set Bridge br-provider datapath_type=netdev"],
            id="another datapath",
        ),
        pytest.param(
            replace(THERE, links={"eth2": Link()}),
            {"bridges": [{**PROVIDER, "ports": ["eth2"]}]},
            ["ovs-vsctl -- del-port br-provider eth1 -- add-port br-provider eth2 -- set Port eth2 " + MARK],
            id="another port",
        ),
        pytest.param(THERE, {}, ["ovs-vsctl -- del-br br-provider"], id="no bridge any more"),
        pytest.param(
            replace(RUNNING, bridges={"br-ex": VirtualBridge(ports=frozenset({"eth3"}))}),
            {},
            [],
            id="a bridge of somebody else",
        ),
        pytest.param(
            replace(RUNNING, bridges={"br-provider": VirtualBridge(ports=frozenset({"eth3", "eth1"}))}),
            {"bridges": [PROVIDER]},
            [],
            id="somebody has made all of it",
        ),
        pytest.param(
            replace(THERE, bridges={"br-old": OURS}),
            {"bridges": [PROVIDER]},
            [
                "ovs-vsctl -- del-br br-old -- add-br br-provider -- set Bridge br-provider datapath_type=system "
                f"{MARK} -- add-port br-provider eth1 -- set Port eth1 {MARK}"
            ],
            id="another name of the bridge",
        ),
    ],
)
def test_what_differs_is_changed(state: State, params: dict[str, Any], commands: list[str]) -> None:
    assert changes(state, **params) == commands


def test_a_port_that_is_there_stays_whatever_it_carries() -> None:
    busy = replace(THERE, links={"eth1": Link(("the default route",))})
    assert changes(busy, bridges=[PROVIDER]) == []


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("state", "cause"),
    [
        (
            replace(RUNNING, links={"eth1": Link(("the default route", "the address 192.0.2.1"))}),
            "it carries the default route and the address 192.0.2.1, and what comes in by it would reach the host no "
            "more. Name an interface that carries nothing",
        ),
        (
            replace(RUNNING, links={"eth1": Link(master="bond0")}),
            "it is in bond0. Take it out there first (ip link set eth1 nomaster).",
        ),
        (
            replace(RUNNING, bridges={"br-ex": VirtualBridge(ports=frozenset({"eth1"}))}),
            "it is a port of br-ex. Take it out there first (ovs-vsctl del-port eth1).",
        ),
    ],
)
def test_an_interface_that_is_in_use_is_not_taken(state: State, cause: str, check: bool) -> None:
    refused = call(state, check=check, bridges=[PROVIDER])
    assert refused["failed"] is True
    assert refused["msg"].startswith(f"Cannot put interface eth1 on bridge br-provider: {cause}")


def test_an_interface_may_still_come_in_check_mode_only() -> None:
    missing = replace(RUNNING, links={})
    assert call(missing, check=True, bridges=[PROVIDER])["changed"] is True
    assert call(missing, bridges=[PROVIDER])["msg"] == (
        "Cannot put interface eth1 on bridge br-provider: there is no such interface. "
        "Correct the name, or make it first."
    )


@pytest.mark.parametrize("state", [BARE, THERE])
def test_what_the_switch_takes_in_a_moment_is_waited_for(state: State) -> None:
    coming = [{"br-provider": "", "eth1": ""}, {"eth1": ""}]
    assert "failed" not in call(state, faults=coming, bridges=[PROVIDER])


@pytest.mark.parametrize("state", [BARE, THERE])
def test_what_the_switch_does_not_take_is_an_error(state: State) -> None:
    never = [{"br-provider": "could not open network device", "br-ex": "of somebody else"}] * 100
    failed = call(state, faults=never, bridges=[PROVIDER])
    assert failed["msg"].startswith(
        "Cannot forward packets of bridge or port br-provider: could not open network device. See /var/log"
    )
    assert "failed" not in call(THERE, faults=[{"br-ex": ""}] * 100, bridges=[PROVIDER])


def test_check_mode_predicts_for_a_host_on_which_it_is_not_installed() -> None:
    predicted = call(None, check=True, bridges=[PROVIDER])
    assert predicted["changed"] is True
    assert predicted["commands"] == call(BARE, bridges=[PROVIDER])["commands"]
    assert "it is not installed" in predicted["warnings"][0]
    assert call(None, bridges=[PROVIDER])["failed"] is True


def test_the_diff_shows_what_was_asked_for_and_what_goes() -> None:
    state = replace(THERE, bridges={"br-old": replace(OURS, ports=frozenset({"eth1", "patch"}))})
    diff = call(state, bridges=[{**PROVIDER, "datapath": "netdev"}], other_config={"a": 1, "b": None})["diff"]
    assert '"br-old"' in diff["before"] and "patch" not in diff["before"]
    assert '"br-old"' not in diff["after"]
    assert '"datapath": "netdev"' in diff["after"] and '"a": "1"' in diff["after"]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"bridges": [{"name": "--if-exists"}]},
            "Cannot configure bridge or port '--if-exists': it is no name of a",
        ),
        ({"bridges": [{"name": "b" * 16}]}, "it is no name of a network device"),
        ({"bridges": [{**PROVIDER, "ports": ["a b"]}]}, "it is no name of a network device"),
        ({"bridges": [PROVIDER, {"name": "b", "ports": ["eth1"]}]}, "bridge or port eth1: it is named twice"),
        ({"other_config": {"a=b": 1}}, "Cannot configure setting 'a=b'"),
        ({"managers": ["--all"]}, "Cannot configure manager '--all': it is no target such as"),
    ],
)
def test_what_cannot_be_is_refused(params: dict[str, Any], message: str) -> None:
    assert message in call(RUNNING, **params)["msg"]
