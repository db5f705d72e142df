# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From facts to the virt_type: pure, and always with the reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .facts import Facts

API_VERSION = 12
"""The only version of KVM's stable interface; its documentation tells programs to refuse every other."""

_VENDOR_MODULES = {"vmx": "kvm_intel", "svm": "kvm_amd"}


@dataclass(frozen=True)
class Decision:
    """Whether guests can use the hardware, and one sentence that says why."""

    usable: bool
    reason: str

    @property
    def virt_type(self) -> str:
        """The value of [libvirt] virt_type that follows."""
        return "kvm" if self.usable else "qemu"


def decide(facts: Facts, probe: str) -> Decision:
    """Judge the facts as far as ``probe`` (flags, device or guest) went to collect them."""
    if probe == "guest":
        return _by_guest(facts)
    if probe == "flags" and facts.is_x86:
        return _by_flags(facts)
    return _by_device(facts)


def describe(facts: Facts, decision: Decision) -> dict[str, Any]:
    """The fact ``hw_accel``."""
    return {
        "architecture": facts.architecture,
        "cpu_flag": facts.cpu_flag,
        "cpu_flag_count": facts.cpu_flag_count,
        "kvm_device": facts.device.present,
        "kvm_api_version": facts.device.api_version,
        "nested": facts.nested,
        "usable": decision.usable,
        "virt_type": decision.virt_type,
        "reason": decision.reason,
    }


def _by_flags(facts: Facts) -> Decision:
    if facts.cpu_flag:
        return Decision(True, f"The processor has {facts.cpu_flag} (/dev/kvm was not tried).")
    return Decision(False, f"The processor shows neither vmx nor svm{_advice(facts)}.")


def _by_device(facts: Facts) -> Decision:
    trouble = device_trouble(facts)
    if facts.is_x86 and not facts.cpu_flag:
        but = "" if trouble else ", so guests would hang or crawl although /dev/kvm answers"
        return Decision(False, f"The processor shows neither vmx nor svm{but}{_advice(facts)}.")
    if trouble:
        return Decision(False, f"{_sentence(trouble)}.")
    answer = f"/dev/kvm answers with API version {facts.device.api_version}"
    if facts.is_x86:
        return Decision(True, f"The processor has {facts.cpu_flag} and {answer}.")
    if facts.architecture == "s390x" and facts.interprets:
        return Decision(True, f"The processor has sie and {answer}.")
    return Decision(True, f"{_sentence(answer)}; on {facts.architecture} no processor flag tells more.")


def _by_guest(facts: Facts) -> Decision:
    trouble = device_trouble(facts)
    if trouble or facts.guest is None:
        return Decision(False, f"No guest was tried: {trouble}.")
    if not facts.guest.boots:
        judged = _by_device(facts)
        return Decision(judged.usable, f"{judged.reason[:-1]} (no guest was tried: {facts.guest.trouble}).")
    if facts.guest.lived:
        flags = ", although the processor shows neither vmx nor svm"
        return Decision(
            True,
            f"A throwaway guest ran under KVM at the speed of the hardware"
            f"{flags if facts.is_x86 and not facts.cpu_flag else ''}.",
        )
    answers = f"/dev/kvm answers with API version {facts.device.api_version}"
    return Decision(False, f"{_sentence(answers)}, but a throwaway guest failed: {facts.guest.trouble}.")


def device_trouble(facts: Facts) -> str:
    """Why /dev/kvm cannot be used, with the remedy, as half a sentence; empty where it can."""
    device = facts.device
    if not device.present:
        module = _VENDOR_MODULES.get(facts.cpu_flag or "")
        if module:
            return (
                f"the processor has {facts.cpu_flag} but there is no /dev/kvm: load the module {module}, "
                "and if it refuses, switch virtualization on in the firmware"
            )
        if facts.architecture == "s390x" and not facts.interprets:
            return (
                "there is no /dev/kvm, and the processor does not offer sie: ask the hypervisor above for it"
            )
        return "there is no /dev/kvm: load the kernel's kvm module, if the processor can virtualize"
    if device.trouble:
        return device.trouble
    if device.api_version != API_VERSION:
        return f"/dev/kvm speaks API version {device.api_version}, and only {API_VERSION} is in use"
    return ""


def _advice(facts: Facts) -> str:
    if facts.is_guest:
        return " (this host is itself a virtual machine: its hypervisor would have to pass them on)"
    return ""


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
