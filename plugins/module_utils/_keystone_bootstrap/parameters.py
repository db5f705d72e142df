# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of keystone_bootstrap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ARGUMENTS: dict[str, Any] = {
    "stage": {"type": "str", "choices": ["keys", "admin"], "default": "admin"},
    "auth_url": {"type": "str"},
    "username": {"type": "str", "default": "admin"},
    "password": {"type": "str", "no_log": True},
    "project": {"type": "str", "default": "admin"},
    "region": {"type": "str", "default": "RegionOne"},
    "endpoints": {"type": "dict", "default": {}},
    "config_file": {"type": "path", "default": "/etc/keystone/keystone.conf"},
    "run_as": {"type": "str", "default": "keystone"},
    "validate_certs": {"type": "bool", "default": True},
    "ca_cert": {"type": "path"},
}

CONSTRAINTS: dict[str, Any] = {"required_if": [("stage", "admin", ("auth_url", "password"))]}


@dataclass(frozen=True)
class Administrator:
    """The first user, and the catalog entry of Keystone that is made along with it (URLs by interface)."""

    username: str
    password: str = field(repr=False)
    project: str
    region: str
    endpoints: Mapping[str, str]


@dataclass(frozen=True)
class Desired:
    """Keys of a Keystone that runs as ``run_as``; its administrator instead, where one is given."""

    config_file: str
    run_as: str
    administrator: Administrator | None = None


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as Desired: the stage "admin" has an administrator, the stage "keys" has none."""
    administrator = None
    if params["stage"] == "admin":
        administrator = Administrator(
            params["username"], params["password"], params["project"], params["region"], params["endpoints"]
        )
    return Desired(params["config_file"], params["run_as"], administrator)
