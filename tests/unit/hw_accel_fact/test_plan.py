# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fact, and what stands in the way of it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.decision import decide
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.plan import describe, plan
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import (
    GuestTrial,
    KvmDevice,
    State,
)

HOST = State("x86_64", "flags\t\t: fpu svm\n", KvmDevice(True, 12, shared=True))


def test_describes_exactly_the_contract() -> None:
    host = replace(HOST, nested=True)
    assert describe(host, decide(host, "device")) == {
        "architecture": "x86_64",
        "cpu_flag": "svm",
        "cpu_flag_count": 1,
        "kvm_device": True,
        "kvm_api_version": 12,
        "nested": True,
        "usable": True,
        "virt_type": "kvm",
        "reason": "The processor has svm and /dev/kvm answers with API version 12.",
    }


def test_a_missing_qemu_is_unmet_and_judged_without_it() -> None:
    missing = GuestTrial(
        False,
        "qemu-system-x86_64 is not installed yet",
        started=False,
        missing_program="qemu-system-x86_64",
        missing_package="qemu-system-x86",
    )
    made = plan(Desired("guest"), replace(HOST, guest=missing))
    assert [(str(error), error.code) for error in made.unmet] == [
        (
            "Cannot boot throwaway guest of x86_64: qemu-system-x86_64 is not installed. "
            "Install qemu-system-x86, or set probe to device.",
            "missing_program",
        )
    ]
    assert made.result["ansible_facts"]["hw_accel"]["usable"]
    assert made.steps == ()


@pytest.mark.parametrize(
    "guest",
    [
        None,
        GuestTrial(True),
        GuestTrial(False, "it was still silent after 10 seconds"),
        GuestTrial(False, "there is no throwaway guest for ppc64le", started=False),
    ],
)
def test_nothing_else_is_unmet(guest: GuestTrial | None) -> None:
    assert plan(Desired("guest"), replace(HOST, guest=guest)).unmet == ()
