# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Brokers become one cluster, decided from the state of all of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import rabbitmqctl
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_cluster.client import (
    LocalBroker,
)
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_cluster.operation import (
    MessageQueueCluster,
)
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_cluster.plan import seed_node
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_cluster.state import (
    State,
    broker_state,
)
from ansible_collections.stackwright.nova.plugins.modules import message_queue_cluster
from fakes.modules import run_module

NAMES = ("one", "two", "three")


def broker(name: str, *others: str, users: bool = False) -> State:
    return State(f"rabbit@{name}", tuple(f"rabbit@{each}" for each in (name, *others)), users)


ONE, TWO, THREE = map(broker, NAMES)
WHOLE = [broker(name, *(each for each in NAMES if each != name), users=True) for name in NAMES]


class FakeBroker:
    """A broker that joins whom it is told to, unless it is ``stuck``."""

    def __init__(self, state: State, stuck: bool = False) -> None:
        self.state = state
        self.stuck = stuck
        self.calls: list[tuple[str, ...]] = []

    def read(self) -> State:
        return self.state

    def rabbitmqctl(self, *words: str) -> None:
        self.calls.append(words)
        if words[0] == "start_app" and self.state.is_stopped:
            self.state = State(self.state.node, (self.state.node,))
        if words[0] == "join_cluster" and not self.stuck:
            self.state = State(self.state.node, (self.state.node, words[1]), True)


def run(*states: State, check: bool = False, stuck: bool = False) -> tuple[list[list[str]], Any]:
    """What each of the brokers gets, and the last result."""
    described = {name: state.described() for name, state in zip(NAMES, states)}
    done, result = [], {}
    for name, state in zip(NAMES, states):
        fake = FakeBroker(state, stuck)

        def prepare(operation: MessageQueueCluster, fake: FakeBroker = fake) -> None:
            operation.client = fake

        result = run_module(
            message_queue_cluster, prepare, check=check, name=name, stage="join", nodes=described
        )
        done.append([" ".join(words) for words in fake.calls])
    return done, result


@pytest.mark.parametrize(
    ("states", "seed"),
    [
        ((ONE, TWO, THREE), "rabbit@one"),
        # From one to three: the broker with the users stays.
        ((ONE, broker("two", users=True), THREE), "rabbit@two"),
        ((ONE, broker("two", "three", users=True), broker("three", "two", users=True)), "rabbit@two"),
        ((broker("one", "two", users=True), None, THREE), "rabbit@one"),
    ],
)
def test_whom_the_others_join(states: tuple[State | None, ...], seed: str) -> None:
    assert seed_node(dict(zip(NAMES, states))) == (None, seed)


@pytest.mark.parametrize(
    ("states", "code", "text"),
    [
        ((broker("one", users=True), broker("two", users=True), THREE), "split", "one, two: each has users"),
        ((broker("one", "four"), broker("two", "five"), THREE), "split", "in clusters of their own"),
        ((ONE, TWO, None), "unknown", "three said nothing"),
    ],
)
def test_when_nobody_may_join(states: tuple[State | None, ...], code: str, text: str) -> None:
    refusal, seed = seed_node(dict(zip(NAMES, states)))
    assert refusal is not None
    assert (refusal.code, seed) == (code, "")
    assert text in str(refusal)


def test_all_but_one_join() -> None:
    done, result = run(ONE, TWO, THREE)
    join = ["stop_app", "reset", "join_cluster rabbit@one", "start_app"]
    assert done == [[], join, join]
    assert result["commands"] == [f"rabbitmqctl {words}" for words in join]
    assert result["broker"]["members"] == ["rabbit@three", "rabbit@one"]


def test_a_whole_cluster_is_left_alone() -> None:
    done, result = run(*WHOLE)
    assert (done, result["changed"]) == ([[], [], []], False)


def test_check_mode_does_nothing_and_says_what_it_would() -> None:
    done, result = run(ONE, TWO, THREE, check=True)
    assert (done, result["changed"], len(result["commands"])) == ([[], [], []], True, 4)


def test_a_broker_that_a_run_left_stopped_is_started_and_joins() -> None:
    fake = FakeBroker(State("rabbit@one", is_stopped=True))

    def prepare(operation: MessageQueueCluster) -> None:
        operation.client = fake

    result = run_module(message_queue_cluster, prepare, name="one")
    assert (fake.calls, result["changed"]) == ([("start_app",)], True)
    # The other stages find what it then has.
    assert result["broker"] == ONE.described()


def test_a_broker_that_stays_alone_is_an_error() -> None:
    _done, result = run(ONE, TWO, THREE, stuck=True)
    assert (result["failed"], result["code"]) == (True, "not_effective")


def test_two_clusters_are_reported_and_left_alone() -> None:
    done, result = run(broker("one", users=True), broker("two", users=True), THREE)
    assert (done, result["code"]) == ([[], [], []], "split")


def test_what_a_broker_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rabbitmqctl, "cluster_status", lambda: {"disk_nodes": ["rabbit@one"]})
    monkeypatch.setattr(rabbitmqctl, "node_name", lambda: "rabbit@one")
    users = [{"name": "guest"}]
    monkeypatch.setattr(rabbitmqctl, "export_definitions", lambda: {"users": users})
    assert LocalBroker().read() == ONE
    users.append({"name": "openstack"})
    assert LocalBroker().read().has_users
    assert broker_state(ONE.described()) == ONE

    def stopped() -> None:
        raise UnreachableError("read", "cluster of the broker", "", "its app is stopped", "Start it")

    monkeypatch.setattr(rabbitmqctl, "cluster_status", stopped)
    assert LocalBroker().read() == State("rabbit@one", is_stopped=True)
    assert broker_state({}) is None
