# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fact that follows from what the host shows. Pure, and without steps."""

from __future__ import annotations

from typing import Any

from .._engine.errors import CollectionError
from .._engine.plan import Plan
from .client import Processor
from .decision import Decision, decide
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[Processor]:
    """No steps; the fact is the result. A qemu that is not installed is unmet."""
    decision = decide(current, desired.probe)
    return Plan(
        result={"ansible_facts": {"hw_accel": describe(current, decision)}},
        warnings=_warnings(current, decision.usable),
        unmet=_missing_program(current),
    )


def describe(host: State, decision: Decision) -> dict[str, Any]:
    """The fact ``hw_accel``."""
    return {
        "architecture": host.architecture,
        "cpu_flag": host.cpu_flag,
        "cpu_flag_count": host.cpu_flag_count,
        "kvm_device": host.device.present,
        "kvm_api_version": host.device.api_version,
        "nested": host.nested,
        "usable": decision.usable,
        "virt_type": decision.virt_type,
        "reason": decision.reason,
    }


def _warnings(host: State, usable: bool) -> tuple[str, ...]:
    if host.device.permission:
        return (f"Hardware acceleration was not tried: {host.device.problem}.",)
    if usable and host.device.shared is False:
        return (
            "Only its owner may open /dev/kvm, so the guests of libvirt, which run as another user, cannot: "
            "give it group kvm and mode 0660 (the packages of qemu bring the udev rule).",
        )
    return ()


def _missing_program(host: State) -> tuple[CollectionError, ...]:
    if host.guest is None or not host.guest.missing_program:
        return ()
    error = CollectionError(
        "boot",
        "throwaway guest of",
        host.architecture,
        f"{host.guest.missing_program} is not installed",
        f"Install {host.guest.missing_package}, or set probe to device",
        code="missing_program",
    )
    return (error,)
