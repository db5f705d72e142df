# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a task says who administers a database server, and where that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._clients.sql import DEFAULT_PORT, Login
from .._engine.errors import CollectionError

# A year, beyond which PyMySQL takes nothing.
_LONGEST_TIMEOUT = 31536000

LOGIN_ARGUMENTS: dict[str, Any] = {
    "login_host": {"type": "str"},
    "login_port": {"type": "int", "default": DEFAULT_PORT},
    "login_unix_socket": {"type": "path"},
    "login_user": {"type": "str", "default": "root"},
    "login_password": {"type": "str", "no_log": True},
    "ca_cert": {"type": "path"},
    "check_hostname": {"type": "bool", "default": True},
    "client_cert": {"type": "path"},
    "client_key": {"type": "path", "no_log": False},
    "connect_timeout": {"type": "int", "default": 10},
}


def administrator(params: Mapping[str, Any]) -> Login:
    """Where the server is, and who changes it. Raises CollectionError for a timeout out of range."""
    login = Login(
        user=params["login_user"],
        password=(params["login_password"] or "").encode(),
        host=params["login_host"],
        port=params["login_port"],
        unix_socket=params["login_unix_socket"],
        ca_cert=params["ca_cert"],
        client_cert=params["client_cert"],
        client_key=params["client_key"],
        check_hostname=params["check_hostname"],
        timeout=params["connect_timeout"],
    )
    if not 0 < login.timeout <= _LONGEST_TIMEOUT:
        raise CollectionError(
            "connect to",
            "database server",
            login.place,
            f"connect_timeout is {login.timeout}",
            f"Give a number of seconds from 1 to {_LONGEST_TIMEOUT}",
            code="arguments",
        )
    return login
