# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways into an account: most have one; MariaDB allows any number, MySQL an old password besides the new."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from . import passwords


@dataclass(frozen=True)
class Credential:
    """One way in: an authentication plugin, and what the server keeps for it."""

    plugin: str = ""
    stored: str = field(default="", repr=False)

    @property
    def is_password(self) -> bool:
        """Whether the plugin asks for a password that is set in the server; it may keep none yet."""
        return self.plugin in passwords.PLUGINS


def of_mariadb(privileges: str) -> tuple[Credential, ...]:
    """The credentials in ``mysql.global_priv.Priv``, JSON; one of several stands outside of their list."""
    entry = json.loads(privileges)
    ways = entry.get("auth_or") or [entry]
    return tuple(_credential(way if way else entry) for way in ways)


def of_mysql(plugin: str, stored: str, attributes: str | None) -> tuple[Credential, ...]:
    """The credentials in a row of ``mysql.user``; the attributes, JSON, may hold the old password."""
    retained = json.loads(attributes or "{}").get("additional_password")
    return (Credential(plugin, stored), *([Credential(plugin, retained)] if retained else []))


def _credential(way: Mapping[str, Any]) -> Credential:
    return Credential(way.get("plugin", ""), way.get("authentication_string", ""))
