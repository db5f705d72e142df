# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What follows from what a host shows, with /proc/cpuinfo as captured on real machines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.decision import decide
from ansible_collections.stackwright.nova.plugins.module_utils._hw_accel_fact.state import (
    GuestTrial,
    KvmDevice,
    State,
)

CPUINFO = Path(__file__).with_name("cpuinfo")
NONE = KvmDevice()
ANSWERS = KvmDevice(True, 12, shared=True)
REFUSED = KvmDevice(True, problem="/dev/kvm may not be opened by user stack", permission=True, shared=False)
BUSY = KvmDevice(True, 12, "/dev/kvm creates no virtual machine: another hypervisor holds the processor")
SILENT = GuestTrial(False, "it was still silent after 10 seconds")
LIVED = GuestTrial(True)
UNTRIED = GuestTrial(False, "there is no throwaway guest for ppc64le", started=False)


def captured(architecture: str, name: str, device: KvmDevice = ANSWERS, **more: Any) -> State:
    return State(architecture, (CPUINFO / f"{name}.txt").read_text(), device, **more)


@pytest.mark.parametrize(
    ("host", "probe", "virt_type", "reason"),
    [
        (captured("x86_64", "intel_two_cores"), "flags", "kvm", "has vmx (/dev/kvm was not tried)"),
        (
            captured("x86_64", "intel_two_cores"),
            "device",
            "kvm",
            "has vmx and /dev/kvm answers with API version 12",
        ),
        (captured("x86_64", "intel_guest_with_vmx"), "device", "kvm", "has vmx and /dev/kvm answers"),
        (captured("x86_64", "intel_two_cores", NONE), "flags", "kvm", "has vmx"),
        (
            captured("x86_64", "intel_two_cores", NONE),
            "device",
            "qemu",
            "has vmx but there is no /dev/kvm: load the module kvm_intel",
        ),
        (captured("x86_64", "amd_ryzen"), "device", "kvm", "has svm and /dev/kvm answers"),
        (
            captured("x86_64", "amd_ryzen", NONE),
            "device",
            "qemu",
            "load the module kvm_amd, and if it refuses, switch virtualization on",
        ),
        (
            captured("x86_64", "amd_ryzen", REFUSED),
            "device",
            "qemu",
            "/dev/kvm may not be opened by user stack",
        ),
        (captured("x86_64", "amd_ryzen", BUSY), "device", "qemu", "another hypervisor holds the processor"),
        (
            captured("x86_64", "amd_ryzen", KvmDevice(True, 11)),
            "device",
            "qemu",
            "speaks API version 11, and only 12",
        ),
        (
            captured("x86_64", "amd_ryzen", guest=LIVED),
            "guest",
            "kvm",
            "A throwaway guest ran under KVM at the speed of the hardware.",
        ),
        (
            captured("x86_64", "amd_ryzen", guest=SILENT),
            "guest",
            "qemu",
            "but a throwaway guest failed: it was still silent",
        ),
        (
            captured("x86_64", "amd_ryzen", REFUSED),
            "guest",
            "qemu",
            "No guest was tried: /dev/kvm may not be opened",
        ),
        (
            captured("x86_64", "amd_guest_without_svm"),
            "flags",
            "qemu",
            "neither vmx nor svm (this host is itself a virtual machine",
        ),
        (
            captured("x86_64", "amd_guest_without_svm"),
            "device",
            "qemu",
            "neither vmx nor svm, so guests would hang or crawl although /dev/kvm answers",
        ),
        (
            captured("x86_64", "amd_guest_without_svm", NONE),
            "device",
            "qemu",
            "neither vmx nor svm (this host",
        ),
        (
            captured("x86_64", "amd_guest_without_svm", guest=SILENT),
            "guest",
            "qemu",
            "but a throwaway guest failed",
        ),
        (
            captured("x86_64", "amd_guest_without_svm", guest=LIVED),
            "guest",
            "kvm",
            "ran under KVM at the speed of the hardware, although the processor shows neither",
        ),
        (
            captured(
                "x86_64", "amd_ryzen", guest=GuestTrial(False, "qemu is not installed yet", started=False)
            ),
            "guest",
            "kvm",
            "answers with API version 12 (no guest was tried: qemu is not installed yet).",
        ),
        (captured("aarch64", "arm64_cortex_a53"), "flags", "kvm", "on aarch64 no processor flag says more"),
        (
            captured("aarch64", "arm64_cortex_a53"),
            "device",
            "kvm",
            "/dev/kvm answers with API version 12; on aarch64",
        ),
        (
            captured("aarch64", "arm64_cortex_a53", NONE),
            "device",
            "qemu",
            "There is no /dev/kvm: load the kernel's kvm module",
        ),
        (captured("aarch64", "arm64_cortex_a53", guest=SILENT), "guest", "qemu", "a throwaway guest failed"),
        (
            captured("ppc64le", "power9_bare_metal"),
            "device",
            "kvm",
            "on ppc64le no processor flag says more",
        ),
        (
            captured("ppc64le", "power9_bare_metal", guest=UNTRIED),
            "guest",
            "kvm",
            "(no guest was tried: there is no throwaway guest for ppc64le)",
        ),
        (captured("ppc64le", "power7_partition", NONE), "device", "qemu", "There is no /dev/kvm"),
        (captured("s390x", "s390x_z16"), "device", "kvm", "has sie and /dev/kvm answers"),
        (
            captured("s390x", "s390x_guest_without_sie", NONE),
            "device",
            "qemu",
            "the processor does not offer sie: ask the hypervisor",
        ),
    ],
)
def test_decides_with_a_reason(host: State, probe: str, virt_type: str, reason: str) -> None:
    decision = decide(host, probe)
    assert decision.virt_type == virt_type
    assert reason in decision.reason
    assert re.fullmatch(r"[A-Z/].*[^.]\.", decision.reason)


@pytest.mark.parametrize(
    ("name", "flag", "count"),
    [
        ("intel_two_cores", "vmx", 4),  # newer kernels add a line "vmx flags" to each processor
        ("intel_guest_with_vmx", "vmx", 2),
        ("amd_ryzen", "svm", 1),
        ("amd_guest_without_svm", None, 0),
        ("arm64_cortex_a53", None, 0),
        ("power9_bare_metal", None, 0),
        ("s390x_z16", None, 0),
    ],
)
def test_counts_as_grep_does(name: str, flag: str | None, count: int) -> None:
    host = captured("x86_64", name)
    text = (CPUINFO / f"{name}.txt").read_text().splitlines()
    assert (host.cpu_flag, host.cpu_flag_count) == (flag, count)
    assert count == sum(1 for line in text if re.search("(vmx|svm)", line))


def test_a_model_name_is_no_flag() -> None:
    host = State("x86_64", "model name\t: vmx emulator\nflags\t\t: fpu sse\n", ANSWERS)
    assert host.cpu_flag is None
    assert decide(host, "device").virt_type == "qemu"


def test_an_unreadable_cpuinfo_is_an_empty_one() -> None:
    assert decide(State("x86_64"), "flags").virt_type == "qemu"
