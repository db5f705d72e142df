# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of ``nova_db``, and the databases and accounts that they describe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError
from .._shared.database_login import LOGIN_ARGUMENTS
from .state import canonical

ARGUMENTS: dict[str, Any] = {
    "databases": {"type": "list", "elements": "str"},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "hosts": {"type": "list", "elements": "str", "default": ["localhost", "%"]},
    "exclusive_hosts": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "drop_databases": {"type": "bool", "default": False},
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
    "retain_current_password": {"type": "bool", "default": False, "no_log": False},
    "encoding": {"type": "str", "default": "utf8mb3"},
    "collation": {"type": "str"},
    "repair_encoding": {"type": "bool", "default": False},
    **LOGIN_ARGUMENTS,
}
CONSTRAINTS: dict[str, Any] = {
    "mutually_exclusive": [("login_host", "login_unix_socket")],
    "required_one_of": [("databases", "user")],
    "required_by": {"password": "user", "client_cert": "ca_cert", "client_key": "client_cert"},
}


@dataclass(frozen=True)
class Desired:
    """What the task asks for; ``user`` is None where only databases are managed."""

    databases: tuple[str, ...] = ()
    encoding: str = "utf8mb3"
    collation: str | None = None
    repair_encoding: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    hosts: tuple[str, ...] = ("localhost", "%")
    exclusive_hosts: bool = False
    update_password: bool = True
    retain_current_password: bool = False
    present: bool = True
    drop_databases: bool = False

    @property
    def checked_password(self) -> str | None:
        """The password that the user's accounts must have; None where none is to be checked."""
        return self.password if self.user and self.present and self.update_password else None


def desired(params: Mapping[str, Any]) -> Desired:
    """What the parameters ask for. Raises CollectionError where they contradict themselves."""
    asked = Desired(
        databases=tuple(dict.fromkeys(params["databases"] or ())),
        encoding=canonical(params["encoding"].lower()),
        collation=params["collation"] and params["collation"].lower(),
        repair_encoding=params["repair_encoding"],
        user=params["user"],
        password=params["password"],
        hosts=tuple(dict.fromkeys(host.lower() for host in params["hosts"])),
        exclusive_hosts=params["exclusive_hosts"],
        update_password=params["update_password"] == "always",
        retain_current_password=params["retain_current_password"],
        present=params["state"] == "present",
        drop_databases=params["drop_databases"],
    )
    _validate(asked)
    return asked


def _validate(asked: Desired) -> None:
    if asked.user is not None and asked.present and not asked.hosts:
        raise _invalid(asked.user, "hosts is empty", "Name at least one host")
    if asked.user == "":
        raise _invalid("''", "the name is empty", "Name the user, or leave user out to manage databases only")
    if asked.present and asked.password == "":
        raise _invalid(str(asked.user), "the password is empty", "Give the user a password")


def _invalid(user: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("manage", "database user", user, cause, remedy, code="arguments")
