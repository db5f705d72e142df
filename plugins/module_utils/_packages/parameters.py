# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module ``packages`` is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError

ARGUMENTS: dict[str, dict[str, Any]] = {
    "packages": {"type": "list", "elements": "str", "required": True},
    "cache_valid_time": {"type": "int", "default": 86400},
    "lock_timeout": {"type": "int", "default": 300},
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]+")


@dataclass(frozen=True)
class Desired:
    """Packages to be there; lists of packages older than ``cache_valid_time`` (seconds) are refreshed first."""

    packages: tuple[str, ...]
    cache_valid_time: int


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters, checked: what is no plain name would mean something else to a package manager."""
    names = tuple(dict.fromkeys(params["packages"]))
    for name in names:
        if not _NAME.fullmatch(name) or (name.endswith(("+", "-")) and not name.endswith("++")):
            raise CollectionError(
                "install",
                "package",
                repr(name),
                "it is no name of a package",
                "Name packages as dpkg or rpm does, without versions and options",
                code="parameters",
            )
    return Desired(names, params["cache_valid_time"])
