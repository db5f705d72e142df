# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``message_queue_user``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError
from .state import Permissions

ARGUMENTS: dict[str, Any] = {
    "user": {"type": "str", "required": True},
    "password": {"type": "str", "no_log": True},
    "vhost": {"type": "str", "default": "/"},
    "configure": {"type": "str", "default": ".*"},
    "write": {"type": "str", "default": ".*"},
    "read": {"type": "str", "default": ".*"},
    "tags": {"type": "list", "elements": "str"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "absent_users": {"type": "list", "elements": "str", "default": []},
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
    "host": {"type": "str", "default": "localhost"},
    "port": {"type": "int", "default": 5672},
    "tls": {"type": "bool", "default": False},
    "ca_cert": {"type": "path"},
}


@dataclass(frozen=True)
class Desired:
    """A user as it shall be; ``tags`` None leaves them alone. ``absent_users`` are others, which shall not be there.

    ``update_password`` is whether an existing user's password is checked, and replaced where it is another.
    """

    user: str
    password: str | None = field(default=None, repr=False)
    vhost: str = "/"
    permissions: Permissions = field(default_factory=Permissions)
    tags: tuple[str, ...] | None = None
    update_password: bool = True
    present: bool = True
    absent_users: tuple[str, ...] = ()

    @property
    def checks_password(self) -> bool:
        """Whether the password of an existing user is to be proven."""
        return self.present and self.update_password and self.password is not None


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as a user; ``host`` and ``port`` are the client's. Raises CollectionError if they are at odds."""
    if params["state"] == "present" and params["user"] in params["absent_users"]:
        raise CollectionError(
            "drop",
            "message queue user",
            params["user"],
            "the same task asks for it",
            "Take it out of absent_users",
            code="arguments",
        )
    return Desired(
        user=params["user"],
        password=params["password"],
        vhost=params["vhost"],
        permissions=Permissions(params["configure"], params["write"], params["read"]),
        tags=None if params["tags"] is None else tuple(dict.fromkeys(params["tags"])),
        update_password=params["update_password"] == "always",
        present=params["state"] == "present",
        absent_users=tuple(dict.fromkeys(params["absent_users"])),
    )
