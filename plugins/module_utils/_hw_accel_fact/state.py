# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host shows of its hardware acceleration."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_X86 = re.compile(r"x86_64|amd64|i[3-6]86")
_COUNTED = re.compile(r"vmx|svm")


@dataclass(frozen=True)
class KvmDevice:
    """/dev/kvm as this process met it.

    ``problem`` is empty, or what stood in the way of using it, as half a sentence; ``permission`` says that
    it was a refused permission. ``api_version`` is KVM's answer, None where it was not asked or said nothing.
    ``shared`` is whether anybody but the owner may open it (None where there is no device).
    """

    present: bool = False
    api_version: int | None = None
    problem: str = ""
    permission: bool = False
    shared: bool | None = None


@dataclass(frozen=True)
class GuestTrial:
    """How the throwaway guest did; ``problem`` is what came instead of its line, as half a sentence.

    ``started`` is False where no guest was started, for want of an image for the architecture or of qemu:
    ``missing_program`` and ``missing_package`` then name that.
    """

    succeeded: bool
    problem: str = ""
    started: bool = True
    missing_program: str = ""
    missing_package: str = ""


@dataclass(frozen=True)
class State:
    """Everything that the decision rests on. ``cpuinfo`` is the text of /proc/cpuinfo."""

    architecture: str
    cpuinfo: str = ""
    device: KvmDevice = field(default_factory=KvmDevice)
    nested: bool | None = None
    guest: GuestTrial | None = None

    @property
    def is_x86(self) -> bool:
        """Whether the processor has flags for virtualization."""
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
    def has_sie(self) -> bool:
        """Whether an s390x processor offers interpretive execution (sie), which KVM needs there."""
        return "sie" in self._words("features")

    def _words(self, key: str) -> frozenset[str]:
        for line in self.cpuinfo.splitlines():
            name, colon, value = line.partition(":")
            if colon and name.strip() == key:
                return frozenset(value.split())
        return frozenset()
