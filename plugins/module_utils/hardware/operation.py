# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind hw_accel_fact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable

from ..engine.plan import Plan
from ..engine.runner import Operation
from .collect import collect
from .decide import decide, describe, device_trouble
from .facts import Facts, Guest
from .guest import boot_guest


@dataclass
class HardwareAcceleration(Operation):
    """Collect as far as ``probe`` says (flags, device or guest), then decide.

    ``timeout`` bounds the throwaway guest in seconds; ``predicts`` is check mode, where qemu may be missing.
    """

    probe: str
    timeout: float
    predicts: bool
    collector: Callable[[str], Facts] = collect
    booter: Callable[..., Guest] = boot_guest

    reads_only = True

    def read(self) -> Facts:
        """The facts of this host; a guest is booted only on a device that can be used."""
        facts = self.collector(self.probe)
        if self.probe == "guest" and not device_trouble(facts):
            guest = self.booter(facts.architecture, self.timeout, predicts=self.predicts)
            return replace(facts, guest=guest)
        return facts

    def plan(self, current: Facts) -> Plan:
        """No steps; the fact is the result."""
        decision = decide(current, self.probe)
        return Plan(
            result={"ansible_facts": {"hw_accel": describe(current, decision)}},
            warnings=_warnings(current, decision.usable),
        )


def _warnings(facts: Facts, usable: bool) -> tuple[str, ...]:
    if facts.device.permission:
        return (f"Hardware acceleration was not tried: {facts.device.trouble}.",)
    if usable and facts.device.shared is False:
        return (
            "Only its owner may open /dev/kvm, so the guests of libvirt, which run as another user, cannot: "
            "give it group kvm and mode 0660 (the packages of qemu bring the udev rule).",
        )
    return ()
