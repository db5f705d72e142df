# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``message_queue_login``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._clients.amqp import LOGIN_OPTIONS, authorities

ARGUMENTS: dict[str, Any] = LOGIN_OPTIONS


@dataclass(frozen=True)
class Desired:
    """An account that the brokers (all nodes of one cluster) shall let in; ``authorities`` as ``log_in`` takes them."""

    hosts: tuple[str, ...]
    port: int
    user: str
    password: str = field(repr=False)
    vhost: str
    authorities: str | None = None


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as an account."""
    return Desired(
        tuple(params["hosts"]),
        params["port"],
        params["user"],
        params["password"],
        params["vhost"],
        authorities(params),
    )
