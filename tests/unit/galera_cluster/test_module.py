# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A cluster is begun once and never again, decided from the state of all nodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._galera_cluster.client import (
    LocalNode,
    grastate,
    provider_options,
)
from ansible_collections.stackwright.nova.plugins.module_utils._galera_cluster.operation import GaleraCluster
from ansible_collections.stackwright.nova.plugins.module_utils._galera_cluster.plan import founder
from ansible_collections.stackwright.nova.plugins.module_utils._galera_cluster.state import State, node_state
from ansible_collections.stackwright.nova.plugins.modules import galera_cluster
from fakes.clock import FakeClock
from fakes.modules import run_module

NEW = State()
ALONE = State(runs=True, has_data=True)
MEMBER = State(runs=True, part="Primary", cluster_id="c1", saved_id="c1", has_data=True)
CUT_OFF = replace(MEMBER, part="non-Primary")
CRASHED = State(saved_id="c1", has_data=True)
STOPPED = replace(CRASHED, saved_position=812)
NAMES = ("one", "two", "three")


class FakeNode:
    """A node that becomes a member when it is told to, unless it is ``stuck``."""

    def __init__(self, state: State, stuck: bool = False) -> None:
        self.state = state
        self.stuck = stuck
        self.calls: list[str] = []

    def read(self) -> State:
        return self.state

    def begin(self) -> None:
        self.calls.append("begin")
        self._become_member()

    def join(self) -> None:
        self.calls.append("join")
        self._become_member()

    def _become_member(self) -> None:
        self.state = self.state if self.stuck else MEMBER


def nodes(*states: State | None) -> dict[str, State | None]:
    return dict(zip(NAMES, states))


def run(stage: str, *states: State, check: bool = False, stuck: bool = False) -> tuple[list[list[str]], Any]:
    """What each of the nodes does, and the last result."""
    described = {name: state.described() for name, state in zip(NAMES, states)}
    done, result = [], {}
    for name, state in zip(NAMES, states):
        node = FakeNode(state, stuck)

        def prepare(operation: GaleraCluster, node: FakeNode = node) -> None:
            operation.client, operation.clock = node, FakeClock()

        result = run_module(
            galera_cluster,
            prepare,
            check=check,
            diff=True,
            name=name,
            stage=stage,
            nodes=described,
            timeout=10,
        )
        done.append(node.calls)
    return done, result


@pytest.mark.parametrize(
    ("states", "first"),
    [
        ((NEW, NEW, NEW), "one"),
        # From one to three: the node with the data begins, wherever it stands.
        ((ALONE, NEW, NEW), "one"),
        ((NEW, ALONE, NEW), "two"),
        ((replace(ALONE, runs=False), NEW, NEW), "one"),
        # There is a cluster, and the others join it.
        ((MEMBER, NEW, NEW), ""),
        ((CRASHED, MEMBER, NEW), ""),
        ((NEW, MEMBER, None), ""),
        ((MEMBER, MEMBER, MEMBER), ""),
    ],
)
def test_who_begins(states: tuple[State | None, ...], first: str) -> None:
    assert founder(nodes(*states)) == (None, first)


@pytest.mark.parametrize(
    ("states", "code", "text"),
    [
        ((STOPPED, STOPPED, STOPPED), "stopped", "one at 812, two at 812, three at 812"),
        ((STOPPED, replace(STOPPED, is_last=True), STOPPED), "stopped", "Run galera_new_cluster on two,"),
        ((CRASHED, NEW, NEW), "stopped", "see galera_recovery"),
        ((ALONE, CRASHED, NEW), "stopped", "a wrong beginning would lose data"),
        ((CUT_OFF, CRASHED, CRASHED), "no_majority", "Start the database on two, three,"),
        ((CUT_OFF, CUT_OFF, CUT_OFF), "no_majority", "takes no writes. If those that are missing"),
        (
            (MEMBER, replace(MEMBER, cluster_id="c2"), NEW),
            "split",
            "one, two: these are clusters of their own",
        ),
        ((ALONE, ALONE, NEW), "several_with_data", "Decide whose data stays"),
        ((NEW, NEW, None), "unknown", "three: nobody knows"),
    ],
)
def test_when_nobody_may(states: tuple[State | None, ...], code: str, text: str) -> None:
    refusal, first = founder(nodes(*states))
    assert refusal is not None
    assert (refusal.code, first) == (code, "")
    assert text in str(refusal)


def test_a_new_cluster_is_begun_on_one_node_and_joined_by_the_others() -> None:
    assert run("begin", NEW, NEW, NEW)[0] == [["begin"], [], []]
    done, result = run("join", MEMBER, NEW, NEW)
    assert done == [[], ["join"], ["join"]]
    assert result["commands"] == ["systemctl start mariadb"]
    assert (result["changed"], result["node"]["part"]) == (True, "Primary")
    assert result["diff"]["before"] != result["diff"]["after"]


def test_a_whole_cluster_is_left_alone() -> None:
    for stage in ("begin", "join"):
        done, result = run(stage, MEMBER, MEMBER, MEMBER)
        assert done == [[], [], []]
        assert (result["changed"], result["commands"]) == (False, [])


def test_the_first_node_that_waits_for_its_stage_does_not_join_itself() -> None:
    """All were asked before the cluster was begun."""
    done, _result = run("join", NEW, NEW, NEW)
    assert done == [[], ["join"], ["join"]]


def test_check_mode_says_who_would_begin_and_does_nothing() -> None:
    done, result = run("begin", ALONE, NEW, NEW, check=True)
    assert (done, result["first"]) == ([[], [], []], "one")
    done, result = run("begin", STOPPED, STOPPED, STOPPED, check=True)
    assert (done, result["changed"]) == ([[], [], []], False)
    assert "A real run stops here." in result["warnings"][0]


def test_a_stopped_cluster_is_reported_and_nothing_is_done() -> None:
    done, result = run("join", STOPPED, STOPPED, STOPPED)
    assert (done, result["failed"], result["code"]) == ([[], [], []], True, "stopped")


def test_a_node_that_does_not_become_a_member_is_an_error() -> None:
    _done, result = run("join", MEMBER, MEMBER, NEW, stuck=True)
    assert (result["failed"], result["code"]) == (True, "timeout")
    assert "Cannot join cluster of the database with node three: after 10 seconds" in result["msg"]


def test_a_look_is_only_a_look() -> None:
    node = FakeNode(STOPPED)

    def prepare(operation: GaleraCluster) -> None:
        operation.client = node

    result = run_module(galera_cluster, prepare, name="one")
    assert (node.calls, result["changed"]) == ([], False)
    assert node_state(result["node"]) == STOPPED
    assert node_state({}) is None


@pytest.mark.parametrize(
    ("state", "tls", "refused"),
    [
        (MEMBER, True, "shall speak with TLS among its nodes, and runs otherwise"),
        (CUT_OFF, True, "Set cloud_tls to false"),
        (replace(MEMBER, speaks_tls=True), False, "Set cloud_tls to true"),
        (replace(MEMBER, speaks_tls=True), True, ""),
        (MEMBER, False, ""),
        (MEMBER, None, ""),
        # A server alone, or one that has stopped, becomes what the configuration says.
        (ALONE, True, ""),
        (STOPPED, True, ""),
    ],
)
def test_no_member_is_taken_from_one_speech_to_the_other(
    state: State, tls: bool | None, refused: str
) -> None:
    def prepare(operation: GaleraCluster) -> None:
        operation.client = FakeNode(state)

    result = run_module(galera_cluster, prepare, name="one", tls=tls)
    assert result.get("failed", False) is bool(refused)
    assert refused in result.get("msg", "")
    if refused:
        check = run_module(galera_cluster, prepare, check=True, name="one", tls=tls)
        assert refused in check["warnings"][0]
        assert node_state(check["node"]) == state


def test_what_a_node_notes_is_read_from_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "mysql").mkdir()
    node = LocalNode("mariadb", str(tmp_path), 1)
    monkeypatch.setattr(node, "_status", lambda: None)
    assert node.read() == NEW
    (tmp_path / "keystone").mkdir()
    (tmp_path / "grastate.dat").write_text(
        "# GALERA saved state\nversion: 2.1\nuuid:    c1\nseqno:   812\nsafe_to_bootstrap: 1\n"
    )
    assert node.read() == replace(STOPPED, is_last=True)
    status = {"on": "ON", "wsrep_cluster_status": "Primary", "wsrep_cluster_state_uuid": "c1"}
    monkeypatch.setattr(node, "_status", lambda: status)
    assert node.read().is_member
    # A server without a cluster has a status all the same.
    monkeypatch.setattr(
        node, "_status", lambda: {**status, "on": "OFF", "wsrep_cluster_status": "Disconnected"}
    )
    assert (node.read().part, node.read().lost_majority) == ("", False)
    monkeypatch.setattr(
        node, "_status", lambda: {**status, "options": "base_port = 4567; socket.ssl = YES; "}
    )
    assert node.read().speaks_tls
    assert provider_options("socket.ssl_ca = /a=b; pc.weight = 1;") == {
        "socket.ssl_ca": "/a=b",
        "pc.weight": "1",
    }
    assert grastate("uuid: 00000000-0000-0000-0000-000000000000\nseqno: -1\n")["seqno"] == "-1"
