# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``wheelhouse`` is asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError

ARGUMENTS: dict[str, dict[str, Any]] = {
    "lock": {"type": "path", "required": True},
    "path": {"type": "path", "required": True},
    "packages": {"type": "list", "elements": "str", "default": []},
    "folder": {"type": "path", "default": "/var/cache/stackwright-nova/wheelhouses"},
    "python": {"type": "path", "default": "/usr/bin/python3"},
    "index_url": {"type": "str", "default": ""},
    "environment": {"type": "dict", "default": {}, "no_log": True},
    # From the action plugin, which keeps lock, path and packages to itself.
    "lock_text": {"type": "str", "default": ""},
}
# What builds the other packages; with a build environment of pip's own for each, nobody would check their hashes.
BUILDERS = ("setuptools", "wheel", "packaging", "pbr")
_REQUIREMENT = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==\S+")


@dataclass(frozen=True)
class Desired:
    """The wheels of a lock, in one archive in ``folder``."""

    lock: str
    folder: str
    python: str
    index_url: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """What links a lock and what was made from it."""
        return digest(self.lock)

    @property
    def archive(self) -> str:
        """Where the wheels are, or will be."""
        return f"{self.folder}/{self.digest[:16]}.tar"

    @property
    def builders(self) -> str:
        """The lock of what builds the other packages."""
        return "\n".join(entry for name, entry in entries(self.lock).items() if name in BUILDERS) + "\n"


def digest(lock: str) -> str:
    """What distinguishes locks."""
    return hashlib.sha256(lock.encode()).hexdigest()


def entries(lock: str) -> dict[str, str]:
    """The requirement of each package with its hashes, by name."""
    found: dict[str, str] = {}
    name = ""
    for line in lock.splitlines():
        match = _REQUIREMENT.match(line)
        if match:
            name = match["name"]
            found[name] = line
        elif name and line[:1].isspace():
            found[name] += f"\n{line}"
    return found


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters, checked."""
    missing = [name for name in BUILDERS if name not in entries(params["lock_text"])]
    if missing:
        raise CollectionError(
            "use",
            "lock",
            params["lock"],
            f"it has no {', '.join(missing)}, which are needed to build packages",
            "Make it with tools/release_locks",
            code="parameters",
        )
    return Desired(
        params["lock_text"],
        params["folder"],
        params["python"],
        params["index_url"],
        {str(name): str(value) for name, value in params["environment"].items()},
    )
