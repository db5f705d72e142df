# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cloud says of itself, judged."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils.proof import checks
from ansible_collections.stackwright.nova.plugins.module_utils.proof.cloud import CloudProof, Expected
from fakes.cloud_apis import FakeClock

TYPES = ("identity", "compute")
INTERFACES = ("public", "internal", "admin")
UPGRADE = """+-------------------------------------------+
| Upgrade Check Results                     |
+-------------------------------------------+
| Check: Cells v2                           |
| Result: {first}                           |
| Details: {details}                        |
+-------------------------------------------+
| Check: Placement API                      |
| Result: Success                           |
| Details: None                             |
+-------------------------------------------+
"""


def service(kind: str, interfaces: tuple[str, ...] = INTERFACES, region: str = "RegionOne") -> dict[str, Any]:
    return {
        "id": f"{kind}-id",
        "type": kind,
        "name": kind,
        "endpoints": [
            {
                "id": f"{kind}-{interface}",
                "interface": interface,
                "region": region,
                "region_id": region,
                "url": f"http://{kind}",
            }
            for interface in interfaces
        ],
    }


def agent(binary: str, host: str, **fields: Any) -> dict[str, Any]:
    return {
        "binary": binary,
        "host": host,
        "alive": True,
        "admin_state_up": True,
        "heartbeat_timestamp": "2026-11-21 04:00:00",
        **fields,
    }


@pytest.mark.parametrize(
    ("services", "fault"),
    [
        ([service("identity"), service("compute"), service("volumev3", ("public",))], None),
        (
            [service("identity")],
            "no endpoint in RegionOne for compute public, compute internal, compute admin",
        ),
        (
            [service("identity", ("public", "public", "admin")), service("compute")],
            "no endpoint in RegionOne for identity internal; registered more than once: identity public",
        ),
        (
            [service("identity"), service("compute"), service("compute", ())],
            "registered more than once: service compute",
        ),
        (
            [service("identity", region="regionOne"), service("compute")],
            "no endpoint in RegionOne for identity public, identity internal, identity admin",
        ),
        (
            [
                {
                    **service("identity"),
                    "endpoints": [
                        {**e, "region_id": r}
                        for e in service("identity")["endpoints"]
                        for r in ("RegionOne", "RegionTwo")
                    ],
                },
                service("compute"),
            ],
            None,
        ),
    ],
    ids=["complete", "absent", "seed 000: public twice", "service twice", "wrong region", "two regions"],
)
def test_catalog(services: list[dict[str, Any]], fault: str | None) -> None:
    part = checks.catalog(services, TYPES, INTERFACES, "RegionOne")
    assert part.state == ("missing" if fault else "proven")
    assert not fault or part.detail == fault
    assert not fault or part.remedy


def test_each_url_is_asked_once() -> None:
    services = [service("identity"), service("compute"), service("volumev3")]
    assert checks.endpoint_urls(services, TYPES, "RegionOne") == ["http://compute", "http://identity"]


@pytest.mark.parametrize(
    ("known", "fault"),
    [
        ([agent("neutron-l3-agent", "controller"), agent("neutron-dhcp-agent", "other")], None),
        ([agent("neutron-l3-agent", "other")], "neutron-l3-agent on controller is unknown to Neutron"),
        (
            [agent("neutron-l3-agent", "controller", alive=False)],
            "neutron-l3-agent on controller is not alive",
        ),
        (
            [agent("neutron-l3-agent", "controller", admin_state_up=False)],
            "neutron-l3-agent on controller is disabled",
        ),
    ],
)
def test_agents(known: list[dict[str, Any]], fault: str | None) -> None:
    part = checks.agents(known, {"controller": ["neutron-l3-agent"]})
    assert part.state == ("missing" if fault else "proven")
    assert not fault or part.detail == fault


@pytest.mark.parametrize(
    ("code", "output", "errors", "state", "detail"),
    [
        (0, UPGRADE.format(first="Success", details="None"), "", "proven", "2 checks passed"),
        (
            2,
            UPGRADE.format(first="Failure", details="There are no host mappings|\n|  yet.").replace(
                "|\n|", " |\n|"
            ),
            "",
            "missing",
            "Cells v2: There are no host mappings yet.",
        ),
        (1, UPGRADE.format(first="Warning", details="old"), "", "missing", "Cells v2: old"),
        (
            255,
            "",
            "Traceback\n\nOperationalError: no database",
            "missing",
            "Traceback; OperationalError: no database",
        ),
        (3, "", "", "missing", "exit code 3"),
    ],
)
def test_upgrade_check(code: int, output: str, errors: str, state: str, detail: str) -> None:
    part = checks.upgrade_check(code, output, errors)
    assert (part.state, part.detail) == (state, detail)


class FakeWitness:
    """Says what the test wants; agents come alive after some looks."""

    def __init__(self) -> None:
        self.services: Any = [service(kind) for kind in TYPES]
        self.silent: dict[str, str] = {}
        self.looks_until_alive = 0
        self.status: Any = Output(0, UPGRADE.format(first="Success", details="None"), "")

    def catalog(self) -> Any:
        return said(self.services)

    def agents(self) -> Any:
        self.looks_until_alive -= 1
        return [agent("neutron-l3-agent", "controller", alive=self.looks_until_alive < 0)]

    def refusal(self, url: str) -> str | None:
        return self.silent.get(url)

    def nova_status(self) -> Any:
        return said(self.status)


def said(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value


@pytest.fixture
def witness() -> FakeWitness:
    return FakeWitness()


def proof(witness: FakeWitness, clock: FakeClock, **changes: Any) -> CloudProof:
    wanted = {
        "region": "RegionOne",
        "services": TYPES,
        "interfaces": INTERFACES,
        "agents": {"controller": ["neutron-l3-agent"]},
        "upgrade_check": True,
        "timeout": 60.0,
        **changes,
    }
    return CloudProof(Expected(**wanted), "http://controller:5000/v3", witness, clock)


def test_a_complete_cloud(witness: FakeWitness, clock: FakeClock) -> None:
    operation = proof(witness, clock)
    plan = operation.plan(operation.read())
    assert plan.result["proven"] is True
    assert [part["part"] for part in plan.result["parts"]] == [
        "catalog",
        "endpoints",
        "network agents",
        "nova-status upgrade check",
    ]
    assert not plan.changed


def test_only_what_is_expected_is_looked_at(witness: FakeWitness, clock: FakeClock) -> None:
    witness.looks_until_alive = 1000
    operation = proof(witness, clock, agents={}, upgrade_check=False)
    assert [part.name for part in operation.read()] == ["catalog", "endpoints"]


def test_agents_may_take_a_while(witness: FakeWitness, clock: FakeClock) -> None:
    witness.looks_until_alive = 5
    part = proof(witness, clock).read()[2]
    assert (part.state, part.seconds) == ("proven", 10.0)


def test_everything_missing_is_named_at_once(witness: FakeWitness, clock: FakeClock) -> None:
    witness.services = [service("identity")]
    witness.silent = {"http://identity": "502"}
    witness.looks_until_alive = 1000
    witness.status = CollectionError("run", "command", "nova-status", "it hangs", "Look into its log")
    operation = proof(witness, clock)
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
    assert [part["state"] for part in caught.value.details["parts"]] == ["missing"] * 4


def test_a_cloud_that_does_not_answer_is_unreachable(witness: FakeWitness, clock: FakeClock) -> None:
    witness.services = UnreachableError("read", "catalog", "", "connection refused", "Start Keystone")
    with pytest.raises(UnreachableError):
        proof(witness, clock).read()
