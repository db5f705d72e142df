# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``keystone_keys``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError
from .state import Keys

ARGUMENTS: dict[str, Any] = {
    "directories": {
        "type": "list",
        "elements": "path",
        "default": ["/etc/keystone/fernet-keys", "/etc/keystone/credential-keys"],
    },
    "keys": {"type": "dict", "no_log": True},
    "rotate": {"type": "bool", "default": False},
    "config_file": {"type": "path", "default": "/etc/keystone/keystone.conf"},
    "run_as": {"type": "str", "default": "keystone"},
}

CONSTRAINTS: dict[str, Any] = {"mutually_exclusive": [("keys", "rotate")]}


@dataclass(frozen=True)
class Desired:
    """The keys that the directories shall have, None to leave them; ``rotate``: a new one for tokens."""

    directories: tuple[str, ...]
    keys: Keys | None = field(default=None, repr=False)
    rotate: bool = False
    config_file: str = ""


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as Desired. Raises CollectionError for keys that would leave a directory without any."""
    directories = tuple(params["directories"])
    keys: dict[str, dict[str, str]] | None = None
    if params["keys"] is not None:
        keys = {
            path: {str(number): str(key) for number, key in (params["keys"].get(path) or {}).items()}
            for path in directories
        }
        empty = [path for path, found in keys.items() if not found]
        if empty:
            raise CollectionError(
                "copy",
                "keys to",
                ", ".join(empty),
                "none were given for it, and those that are there may be the only ones",
                "Give what the module returned on a host that has some",
                code="arguments",
            )
    return Desired(directories, keys, params["rotate"], params["config_file"])
