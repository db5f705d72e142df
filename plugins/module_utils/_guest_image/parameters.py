# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``guest_image`` is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARGUMENTS: dict[str, dict[str, Any]] = {
    "directory": {"type": "path", "default": "/var/cache/stackwright/guest"},
}
# The disk boots by itself; kernel and initramfs are what is on it.
FILES: Mapping[str, str] = {"kernel": "kernel", "initramfs": "initramfs", "disk": "disk.qcow2"}


@dataclass(frozen=True)
class Desired:
    """The guest's files, in a directory."""

    directory: str

    @property
    def files(self) -> dict[str, str]:
        """Where each file is, by what it is."""
        return {kind: f"{self.directory}/{name}" for kind, name in FILES.items()}


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters."""
    return Desired(params["directory"])
