# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a host shows to the virt_type: pure, and always with the reason."""

from __future__ import annotations

from dataclasses import dataclass

from .state import State

API_VERSION = 12
"""The only version of KVM's stable interface; its documentation asks programs to refuse every other."""

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


def decide(host: State, probe: str) -> Decision:
    """Judge the host as far as ``probe`` (flags, device or guest) went to look at it."""
    if probe == "guest":
        return _by_guest(host)
    if probe == "flags" and host.is_x86:
        return _by_flags(host)
    return _by_device(host)


def device_problem(host: State) -> str:
    """Why /dev/kvm cannot be used, with the remedy, as half a sentence; empty where it can."""
    device = host.device
    if not device.present:
        module = _VENDOR_MODULES.get(host.cpu_flag or "")
        if module:
            return (
                f"the processor has {host.cpu_flag} but there is no /dev/kvm: load the module {module}, "
                "and if it refuses, switch virtualization on in the firmware"
            )
        if host.architecture == "s390x" and not host.has_sie:
            return (
                "there is no /dev/kvm, and the processor does not offer sie: ask the hypervisor above for it"
            )
        return "there is no /dev/kvm: load the kernel's kvm module, if the processor can virtualize"
    if device.problem:
        return device.problem
    if device.api_version != API_VERSION:
        return f"/dev/kvm speaks API version {device.api_version}, and only {API_VERSION} is in use"
    return ""


def _by_flags(host: State) -> Decision:
    if host.cpu_flag:
        return Decision(True, f"The processor has {host.cpu_flag} (/dev/kvm was not tried).")
    return Decision(False, f"The processor shows neither vmx nor svm{_advice(host)}.")


def _by_device(host: State) -> Decision:
    problem = device_problem(host)
    if host.is_x86 and not host.cpu_flag:
        but = "" if problem else ", so guests would hang or crawl although /dev/kvm answers"
        return Decision(False, f"The processor shows neither vmx nor svm{but}{_advice(host)}.")
    if problem:
        return Decision(False, f"{_sentence(problem)}.")
    answer = f"/dev/kvm answers with API version {host.device.api_version}"
    if host.is_x86:
        return Decision(True, f"The processor has {host.cpu_flag} and {answer}.")
    if host.architecture == "s390x" and host.has_sie:
        return Decision(True, f"The processor has sie and {answer}.")
    return Decision(True, f"{_sentence(answer)}; on {host.architecture} no processor flag says more.")


def _by_guest(host: State) -> Decision:
    problem = device_problem(host)
    if problem or host.guest is None:
        return Decision(False, f"No guest was tried: {problem}.")
    if not host.guest.started:
        by_device = _by_device(host)
        return Decision(
            by_device.usable, f"{by_device.reason[:-1]} (no guest was tried: {host.guest.problem})."
        )
    if host.guest.succeeded:
        flags = ", although the processor shows neither vmx nor svm"
        return Decision(
            True,
            f"A throwaway guest ran under KVM at the speed of the hardware"
            f"{flags if host.is_x86 and not host.cpu_flag else ''}.",
        )
    answer = f"/dev/kvm answers with API version {host.device.api_version}"
    return Decision(False, f"{_sentence(answer)}, but a throwaway guest failed: {host.guest.problem}.")


def _advice(host: State) -> str:
    if host.is_guest:
        return " (this host is itself a virtual machine: its hypervisor would have to pass them on)"
    return ""


def _sentence(clause: str) -> str:
    return clause[:1].upper() + clause[1:]
