# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.operation import HwAccelFact
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import (
    GuestTrial,
    KvmDevice,
    State,
)
from ansible_collections.stackwright.nova.plugins.modules import hw_accel_fact
from fakes.modules import run_module

AMD = "flags\t\t: fpu svm\n"


class Host:
    """A host that can be looked at and booted on, and remembers what was asked of it."""

    def __init__(self, state: State, guest: GuestTrial | None = None) -> None:
        self.state = state
        self.guest = guest
        self.asked: list[Any] = []

    def collect(self, probe: str) -> State:
        self.asked.append(("state", probe))
        return self.state

    def boot(self, architecture: str, timeout: float) -> GuestTrial:
        self.asked.append(("guest", architecture, timeout))
        assert self.guest
        return self.guest


def run(host: Host, **params: Any) -> dict[str, Any]:
    def prepare(operation: HwAccelFact) -> None:
        operation.client = host

    return run_module(hw_accel_fact, prepare, **params)


def test_returns_only_the_fact() -> None:
    host = Host(State("x86_64", AMD, KvmDevice(True, 12, shared=True)))
    result = run(host, diff=True)
    assert set(result) == {"ansible_facts", "changed"}
    assert set(result["ansible_facts"]) == {"hw_accel"}
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "kvm"
    assert result["changed"] is False
    assert host.asked == [("state", "device")]


def test_flags_are_enough() -> None:
    host = Host(State("x86_64", AMD, KvmDevice(True)))
    assert run(host, probe="flags")["ansible_facts"]["hw_accel"]["usable"]
    assert host.asked == [("state", "flags")]


def test_a_guest_is_booted_on_a_usable_device_only() -> None:
    host = Host(
        State("x86_64", AMD, KvmDevice(True, 12, shared=True)), GuestTrial(False, "it was still silent")
    )
    assert not run(host, probe="guest", timeout=3)["ansible_facts"]["hw_accel"]["usable"]
    assert host.asked == [("state", "guest"), ("guest", "x86_64", 3)]

    bare = Host(State("x86_64", AMD))
    assert not run(bare, probe="guest")["ansible_facts"]["hw_accel"]["usable"]
    assert bare.asked == [("state", "guest")]


def test_check_mode_is_the_same() -> None:
    host = Host(State("x86_64", AMD, KvmDevice(True, 12, shared=True)), GuestTrial(True))
    first = run(host, probe="guest")
    assert run(host, probe="guest", check=True) == first
    assert host.asked[-1] == ("guest", "x86_64", 10)


def test_a_permission_problem_is_a_warning_too() -> None:
    refused = KvmDevice(
        True, problem="/dev/kvm may not be opened by user stack", permission=True, shared=False
    )
    result = run(Host(State("x86_64", AMD, refused)))
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "qemu"
    assert result["warnings"] == [
        "Hardware acceleration was not tried: /dev/kvm may not be opened by user stack."
    ]


def test_a_device_of_root_alone_is_a_warning() -> None:
    result = run(Host(State("x86_64", AMD, KvmDevice(True, 12, shared=False))))
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "kvm"
    assert "give it group kvm and mode 0660" in result["warnings"][0]


def test_fails_without_qemu_but_not_in_check_mode() -> None:
    missing = GuestTrial(False, "no qemu yet", False, "qemu-system-x86_64", "qemu-system-x86")
    host = Host(State("x86_64", AMD, KvmDevice(True, 12, shared=True)), missing)
    result = run(host, probe="guest")
    assert result["failed"]
    assert result["code"] == "missing_program"
    assert result["msg"] == (
        "Cannot boot throwaway guest of x86_64: qemu-system-x86_64 is not installed. "
        "Install qemu-system-x86, or set probe to device."
    )
    predicted = run(host, probe="guest", check=True)["ansible_facts"]["hw_accel"]
    assert predicted["usable"]
    assert predicted["reason"].endswith("(no guest was tried: no qemu yet).")
