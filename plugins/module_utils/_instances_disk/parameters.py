# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``instances_disk``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .._engine.files import mode_bits

ARGUMENTS: dict[str, Any] = {
    "disk": {"type": "path", "required": True},
    "path": {"type": "path", "default": "/var/lib/nova/instances"},
    "filesystem": {"type": "str", "choices": ["ext4", "xfs"], "default": "ext4"},
    "options": {"type": "str", "default": "defaults,nofail"},
    "owner": {"type": "str", "default": "nova"},
    "group": {"type": "str", "default": "nova"},
    "mode": {"type": "str", "default": "0755"},
    "timeout": {"type": "float", "default": 600},
}

# A field of /etc/fstab ends at a blank, and a line at its end.
_FIELD = re.compile(r"[^\s#\\]+")


@dataclass(frozen=True)
class Desired:
    """A disk with one partition and a file system on it, which is mounted at ``path`` now and after each boot."""

    disk: str
    path: str = "/var/lib/nova/instances"
    filesystem: str = "ext4"
    options: str = "defaults,nofail"
    owner: str = "nova"
    group: str = "nova"
    mode: int = 0o755

    def fstab_line(self, uuid: str) -> str:
        """The line of /etc/fstab. XFS checks itself when it is mounted, ext4 is checked before."""
        check = 0 if self.filesystem == "xfs" else 2
        return f"UUID={uuid} {self.path} {self.filesystem} {self.options} 0 {check}"


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments; CollectionError for what /etc/fstab cannot say."""
    for name in ("path", "options"):
        value = params[name]
        if not _FIELD.fullmatch(value):
            raise CollectionError(
                "use",
                name,
                repr(value),
                "a line of /etc/fstab cannot have it as one word",
                "Leave out blanks, # and backslashes",
                code="parameters",
            )
    return Desired(
        params["disk"],
        params["path"].rstrip("/"),
        params["filesystem"],
        params["options"],
        params["owner"],
        params["group"],
        mode_bits(params["mode"]),
    )
