# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils.hardware.facts import Device, Facts, Guest
from ansible_collections.stackwright.nova.plugins.module_utils.hardware.operation import HardwareAcceleration
from ansible_collections.stackwright.nova.plugins.modules import hw_accel_fact
from fakes.modules import run_module

AMD = "flags\t\t: fpu svm\n"


class Host:
    """A host that can be collected and booted on, and remembers what was asked of it."""

    def __init__(self, facts: Facts, guest: Guest | Exception | None = None) -> None:
        self.facts = facts
        self.guest = guest
        self.asked: list[Any] = []

    def collect(self, probe: str) -> Facts:
        self.asked.append(("facts", probe))
        return self.facts

    def boot(self, architecture: str, timeout: float, *, predicts: bool) -> Guest:
        self.asked.append(("guest", architecture, timeout, predicts))
        if isinstance(self.guest, Exception):
            raise self.guest
        assert self.guest
        return self.guest


def run(host: Host, **params: Any) -> dict[str, Any]:
    def prepare(operation: HardwareAcceleration) -> None:
        operation.collector, operation.booter = host.collect, host.boot

    return run_module(hw_accel_fact, prepare, **params)


def test_returns_only_the_fact() -> None:
    host = Host(Facts("x86_64", AMD, Device(True, 12, shared=True)))
    result = run(host, diff=True)
    assert set(result) == {"ansible_facts", "changed"}
    assert set(result["ansible_facts"]) == {"hw_accel"}
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "kvm"
    assert result["changed"] is False
    assert host.asked == [("facts", "device")]


def test_flags_are_enough() -> None:
    host = Host(Facts("x86_64", AMD, Device(True)))
    assert run(host, probe="flags")["ansible_facts"]["hw_accel"]["usable"]
    assert host.asked == [("facts", "flags")]


def test_a_guest_is_booted_on_a_usable_device_only() -> None:
    host = Host(Facts("x86_64", AMD, Device(True, 12, shared=True)), Guest(False, "it was still silent"))
    assert not run(host, probe="guest", timeout=3)["ansible_facts"]["hw_accel"]["usable"]
    assert host.asked == [("facts", "guest"), ("guest", "x86_64", 3, False)]

    bare = Host(Facts("x86_64", AMD))
    assert not run(bare, probe="guest")["ansible_facts"]["hw_accel"]["usable"]
    assert bare.asked == [("facts", "guest")]


def test_check_mode_is_the_same() -> None:
    host = Host(Facts("x86_64", AMD, Device(True, 12, shared=True)), Guest(True))
    first = run(host, probe="guest")
    assert run(host, probe="guest", check=True) == first
    assert host.asked[-1] == ("guest", "x86_64", 10, True)


def test_a_permission_problem_is_a_warning_too() -> None:
    refused = Device(True, trouble="/dev/kvm may not be opened by user stack", permission=True, shared=False)
    result = run(Host(Facts("x86_64", AMD, refused)))
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "qemu"
    assert result["warnings"] == [
        "Hardware acceleration was not tried: /dev/kvm may not be opened by user stack."
    ]


def test_a_device_of_root_alone_is_a_warning() -> None:
    result = run(Host(Facts("x86_64", AMD, Device(True, 12, shared=False))))
    assert result["ansible_facts"]["hw_accel"]["virt_type"] == "kvm"
    assert "give it group kvm and mode 0660" in result["warnings"][0]


def test_fails_without_qemu() -> None:
    missing = CollectionError(
        "boot", "throwaway guest of", "x86_64", "no qemu", "Install it", code="missing_program"
    )
    result = run(Host(Facts("x86_64", AMD, Device(True, 12)), missing), probe="guest")
    assert result["failed"]
    assert result["code"] == "missing_program"
    assert result["msg"] == "Cannot boot throwaway guest of x86_64: no qemu. Install it."
