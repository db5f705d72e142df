# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of a cloud, in which order and for how long."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_proof.operation import CloudProof
from ansible_collections.stackwright.nova.plugins.module_utils._cloud_proof.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from fakes.clock import FakeClock
from fakes.cloud_catalog import INTERFACES, TYPES, FakeReader, service


@pytest.fixture
def reader() -> FakeReader:
    return FakeReader()


def proof(reader: FakeReader, clock: FakeClock, **changes: Any) -> CloudProof:
    fields: dict[str, Any] = {
        "region": "RegionOne",
        "services": TYPES,
        "interfaces": INTERFACES,
        "agents": {"controller": ["neutron-l3-agent"]},
        "upgrade_checks": ("placement", "nova"),
        "timeout": 60.0,
        **changes,
    }
    return CloudProof(Desired(**fields), reader, clock)


def test_a_complete_cloud(reader: FakeReader, clock: FakeClock) -> None:
    operation = proof(reader, clock)
    plan = operation.plan(operation.read())
    assert plan.result["proven"] is True
    assert [part["part"] for part in plan.result["parts"]] == [
        "catalog",
        "endpoints",
        "network agents",
        "placement-status upgrade check",
        "nova-status upgrade check",
    ]
    assert not plan.changed


def test_only_what_is_expected_is_looked_at(reader: FakeReader, clock: FakeClock) -> None:
    reader.looks_until_alive = 1000
    operation = proof(reader, clock, agents={}, upgrade_checks=())
    assert [part.name for part in operation.read().parts] == ["catalog", "endpoints"]


def test_agents_may_take_a_while(reader: FakeReader, clock: FakeClock) -> None:
    reader.looks_until_alive = 5
    part = proof(reader, clock).read().parts[2]
    assert (part.state, part.seconds) == ("proven", 10.0)


def test_everything_missing_is_named_at_once(reader: FakeReader, clock: FakeClock) -> None:
    reader.services = [service("identity")]
    reader.silent = {"http://identity": "502"}
    reader.looks_until_alive = 1000
    reader.status = CollectionError("run", "command", "nova-status", "it hangs", "Look into its log")
    operation = proof(reader, clock)
    with pytest.raises(CollectionError) as caught:
        operation.plan(operation.read())
    message = str(caught.value)
    assert message.startswith(
        "Cannot prove cloud http://controller:5000/v3: catalog: no endpoint in RegionOne for"
    )
    assert (
        "; endpoints: http://identity: 502; network agents: neutron-l3-agent on controller is not alive"
        in message
    )
    assert "; nova-status upgrade check: Cannot run command nova-status: it hangs." in message
    assert caught.value.code == "unproven"
    assert [part["state"] for part in caught.value.details["parts"]] == ["missing"] * 5


def test_a_cloud_that_does_not_answer_is_unreachable(reader: FakeReader, clock: FakeClock) -> None:
    reader.services = UnreachableError("read", "catalog", "", "connection refused", "Start Keystone")
    with pytest.raises(UnreachableError):
        proof(reader, clock).read()
