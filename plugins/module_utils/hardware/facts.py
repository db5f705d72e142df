# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shows of its hardware acceleration, as data: collected elsewhere, judged elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_X86 = re.compile(r"x86_64|amd64|i[3-6]86")
_COUNTED = re.compile(r"vmx|svm")


@dataclass(frozen=True)
class Device:
    """The KVM device as this process met it.

    ``trouble`` is empty, or what stood in the way of using it, as half a sentence; ``permission`` says that
    it was a refused permission. ``api_version`` is KVM's answer, None where it was not asked or said nothing.
    ``shared`` is whether anybody besides the owner may open it (None where there is no device).
    """

    present: bool = False
    api_version: int | None = None
    trouble: str = ""
    permission: bool = False
    shared: bool | None = None


@dataclass(frozen=True)
class Guest:
    """How the throwaway guest did; ``trouble`` is what came instead of its line, as half a sentence."""

    lived: bool
    trouble: str = ""
    boots: bool = True
    """False where no guest was started, for want of a program or of an image for the architecture."""


@dataclass(frozen=True)
class Facts:
    """Everything that the decision rests on. ``cpuinfo`` is the text of /proc/cpuinfo."""

    architecture: str
    cpuinfo: str = ""
    device: Device = field(default_factory=Device)
    nested: bool | None = None
    guest: Guest | None = None

    @property
    def is_x86(self) -> bool:
        """Whether the processor has flags that tell of virtualization."""
        return bool(_X86.fullmatch(self.architecture))

    @property
    def cpu_flag(self) -> str | None:
        """The processor's virtualization flag: vmx (Intel), svm (AMD) or None."""
        flags = self._words("flags")
        return next((flag for flag in ("vmx", "svm") if flag in flags), None)

    @property
    def cpu_flag_count(self) -> int:
        """The number that ``grep -Ec '(vmx|svm)' /proc/cpuinfo`` prints."""
        return sum(1 for line in self.cpuinfo.splitlines() if _COUNTED.search(line))

    @property
    def is_guest(self) -> bool:
        """Whether an x86 processor says that it runs under a hypervisor."""
        return "hypervisor" in self._words("flags")

    @property
    def interprets(self) -> bool:
        """Whether an s390x processor offers interpretive execution (sie), which KVM needs there."""
        return "sie" in self._words("features")

    def _words(self, key: str) -> frozenset[str]:
        for line in self.cpuinfo.splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip() == key:
                return frozenset(value.split())
        return frozenset()
