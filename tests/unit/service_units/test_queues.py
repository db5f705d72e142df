# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is asked whether queues are consumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import amqp, rabbitmqctl
from ansible_collections.stackwright.nova.plugins.module_utils._clients.amqp import BrokerLogin
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._service_units.client import Broker, is_local

QUEUES = ["q-plugin", "conductor"]


def login(host: str) -> BrokerLogin:
    return BrokerLogin((host,), 5672, "openstack", "secret", "/")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Which of the two was asked."""
    asked: list[str] = []

    def over_amqp(_login: BrokerLogin, queues: Sequence[str]) -> Mapping[str, str]:
        asked.append("amqp")
        return {}

    def own_program(vhost: str) -> set[str]:
        asked.append(f"rabbitmqctl {vhost}")
        return {"conductor"}

    monkeypatch.setattr(amqp, "unconsumed", over_amqp)
    monkeypatch.setattr(rabbitmqctl, "consumed_queues", own_program)
    return asked


def test_a_broker_on_this_host_is_asked_without_a_trace_while_queues_may_be_missing(asked: list[str]) -> None:
    broker = Broker(login("127.0.0.1"))
    broker.starting()
    assert broker.unconsumed(QUEUES) == {"q-plugin": "nobody consumes it"}
    assert asked == ["rabbitmqctl /"]


def test_queues_that_are_there_are_seen_faster_over_amqp(asked: list[str]) -> None:
    assert Broker(login("127.0.0.1")).unconsumed(QUEUES) == {}
    assert asked == ["amqp"]


def test_a_broker_elsewhere_is_asked_over_amqp(asked: list[str]) -> None:
    broker = Broker(login("192.0.2.1"))
    broker.starting()
    assert broker.unconsumed(QUEUES) == {}
    assert asked == ["amqp"]


def test_another_broker_under_an_address_of_this_host(
    monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    """A forwarded port, say: there is no broker here to be administered."""

    def missing(vhost: str) -> set[str]:
        raise UnreachableError("read", "consumers", "", "it is not installed", "Install it")

    monkeypatch.setattr(rabbitmqctl, "consumed_queues", missing)
    broker = Broker(login("localhost"))
    broker.starting()
    assert broker.unconsumed(QUEUES) == {}
    assert asked == ["amqp"]


@pytest.mark.parametrize("code", ["timeout", "command_failed"])
def test_a_broker_that_is_slow_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, asked: list[str], code: str
) -> None:
    def slow(vhost: str) -> set[str]:
        raise CollectionError("run", "command", "rabbitmqctl", "it had not finished", "Look", code=code)

    monkeypatch.setattr(rabbitmqctl, "consumed_queues", slow)
    broker = Broker(login("127.0.0.1"))
    broker.starting()
    if code == "timeout":
        assert set(broker.unconsumed(QUEUES)) == set(QUEUES)
    else:
        with pytest.raises(CollectionError, match="had not finished"):
            broker.unconsumed(QUEUES)
    assert asked == []


@pytest.mark.parametrize(
    ("host", "local"),
    [("127.0.0.1", True), ("localhost", True), ("192.0.2.1", False), ("no.such.invalid", False)],
)
def test_addresses_of_this_host(host: str, local: bool) -> None:
    assert is_local(host) is local
