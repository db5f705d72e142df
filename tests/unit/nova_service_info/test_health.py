# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.nova_api import (
    Fleet,
    Hypervisor,
    NovaService,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_service_info.health import (
    Compute,
    computes,
    missing,
)

SEEN = "2026-03-01T12:00:00.000000"
SCHEDULER = NovaService("s1", "controller", "nova-scheduler", "internal", "up", "enabled", SEEN)
COMPUTE = NovaService("s2", "compute1", "nova-compute", "nova", "up", "enabled", SEEN)
NODE = Hypervisor("n1", "compute1.lab", "compute1", "QEMU", "up", "enabled", "192.0.2.11")
FLEET = Fleet((SCHEDULER, COMPUTE), (NODE,), (("n1", "compute1.lab"),))
EXPECTED = {"controller": ["nova-scheduler"], "compute1": ["nova-compute"]}


@pytest.mark.parametrize("expected", [EXPECTED, {}])
def test_all_is_well(expected: dict[str, list[str]]) -> None:
    assert missing(FLEET, expected) == []
    assert computes(FLEET) == [Compute("compute1", "up", "enabled", True, "n1")]


@pytest.mark.parametrize(
    ("fleet", "sentence"),
    [
        pytest.param(
            replace(FLEET, services=(COMPUTE,)),
            "nova-scheduler on controller has not registered itself.",
            id="a service is missing",
        ),
        pytest.param(
            replace(FLEET, services=(replace(SCHEDULER, state="down"), COMPUTE)),
            f"nova-scheduler on controller is down: its last report is of {SEEN}.",
            id="a service is down",
        ),
        pytest.param(
            replace(FLEET, services=(SCHEDULER, replace(COMPUTE, state="down", updated_at=None))),
            "nova-compute on compute1 is down: its last report is of never.",
            id="a service never reported",
        ),
        pytest.param(
            replace(
                FLEET,
                services=(
                    SCHEDULER,
                    replace(
                        COMPUTE, status="disabled", disabled_reason="AUTO: Connection to libvirt lost: 1"
                    ),
                ),
            ),
            "nova-compute on compute1 has disabled itself (AUTO: Connection to libvirt lost: 1).",
            id="a compute has disabled itself",
        ),
        pytest.param(
            replace(FLEET, hypervisors=()),
            "compute1 is not mapped to a cell, so that nothing is scheduled to it.",
            id="a compute is not mapped, but reports to Placement",
        ),
        pytest.param(
            replace(FLEET, hypervisors=(), providers=()),
            "compute1 has not created its compute node yet, or is not mapped to a cell.",
            id="a compute is new",
        ),
        pytest.param(
            replace(FLEET, providers=()),
            "Placement has no resource provider of compute1 (compute1.lab) yet.",
            id="no resource provider",
        ),
        pytest.param(
            replace(FLEET, providers=(("n0", "compute1.lab"),)),
            "Placement has another resource provider named compute1.lab (n0), so that compute1 cannot create "
            "its own (n1).",
            id="a stale resource provider",
        ),
    ],
)
def test_what_is_wrong(fleet: Fleet, sentence: str) -> None:
    assert missing(fleet, EXPECTED) == [sentence]


def test_unexpected_services_do_not_matter() -> None:
    down = replace(FLEET, services=(replace(SCHEDULER, state="down"), COMPUTE))
    assert missing(down, {"compute1": ["nova-compute"]}) == []
    assert len(missing(down, {})) == 1


def test_a_service_that_somebody_disabled_counts_as_working() -> None:
    disabled = replace(
        FLEET, services=(SCHEDULER, replace(COMPUTE, status="disabled", disabled_reason="disk"))
    )
    assert missing(disabled, EXPECTED) == []
    away = replace(disabled, hypervisors=())
    assert missing(away, {}) == []
    assert len(missing(away, EXPECTED)) == 1


def test_a_cloud_without_services() -> None:
    assert missing(Fleet(), {}) == ["No service of Nova has registered itself."]


def test_every_node_of_a_host_needs_its_provider() -> None:
    nodes = (NODE, replace(NODE, id="n2", name="node2"))
    fleet = replace(FLEET, hypervisors=nodes)
    assert computes(fleet)[0].placement_provider is None
    assert missing(fleet, EXPECTED) == ["Placement has no resource provider of compute1 (node2) yet."]


def test_a_node_that_is_not_mapped_has_its_provider() -> None:
    unmapped = replace(FLEET, hypervisors=())
    assert computes(unmapped) == [Compute("compute1", "up", "enabled", False, "n1")]
    assert computes(replace(unmapped, providers=()))[0].placement_provider is None


def test_the_provider_of_a_host_with_the_same_short_name_is_not_its_own() -> None:
    there = replace(COMPUTE, id="s3", host="compute2.a.example")
    here = replace(COMPUTE, id="s4", host="compute2.b.example")
    fleet = Fleet((there, here), (), (("n2", "compute2.a.example"),))
    assert [one.placement_provider for one in computes(fleet)] == ["n2", None]
    assert missing(fleet, {here.host: ["nova-compute"]}) == [
        "compute2.b.example has not created its compute node yet, or is not mapped to a cell."
    ]
