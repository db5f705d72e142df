# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The credentials of an account: most have one; MariaDB allows any number, MySQL also an old password."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .state import Credential


def of_mariadb(privileges: str) -> tuple[Credential, ...]:
    """The credentials in ``mysql.global_priv.Priv``, JSON; one of several stands outside of their list."""
    entry = json.loads(privileges)
    alternatives = entry.get("auth_or") or [entry]
    return tuple(_credential(alternative if alternative else entry) for alternative in alternatives)


def of_mysql(plugin: str, stored: str, attributes: str | None) -> tuple[Credential, ...]:
    """The credentials in a row of ``mysql.user``; the attributes, JSON, may hold the old password."""
    retained = json.loads(attributes or "{}").get("additional_password")
    return (Credential(plugin, stored), *([Credential(plugin, retained)] if retained else []))


def _credential(entry: Mapping[str, Any]) -> Credential:
    return Credential(entry.get("plugin", ""), entry.get("authentication_string", ""))
