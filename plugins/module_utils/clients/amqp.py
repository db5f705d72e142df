# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins over AMQP, through py-amqp, the library that OpenStack's own services use."""

from __future__ import annotations

from contextlib import suppress
from enum import Enum
from typing import Callable

from ..engine.errors import UnreachableError

_TIMEOUT = 10.0


class Outcome(Enum):
    """What a broker said to a login."""

    ACCEPTED = "accepted"
    ACCESS_REFUSED = "the broker refuses the user or its password"
    VHOST_CLOSED = "the virtual host is missing, or closed to the user"
    SILENT = "nobody answers there"


TryLogin = Callable[[str, int, str, str, str], Outcome]
"""``log_in`` or something that stands in for it: host, port, user, password and vhost to the outcome."""


def log_in(host: str, port: int, user: str, password: str, vhost: str) -> Outcome:
    """Log in once, and out again. Raises UnreachableError where the AMQP library is missing."""
    try:
        import amqp
    except ImportError:
        raise UnreachableError(
            "log in to",
            "message queue",
            host,
            "the Python library amqp is missing",
            "Install python3-amqp on the host",
        ) from None
    connection = amqp.Connection(
        host=f"{host}:{port}",
        userid=user,
        password=password,
        virtual_host=vhost,
        login_method="PLAIN",
        connect_timeout=_TIMEOUT,
        read_timeout=_TIMEOUT,
    )
    try:
        connection.connect()
    except amqp.exceptions.AccessRefused:
        return Outcome.ACCESS_REFUSED
    except amqp.exceptions.NotAllowed:
        return Outcome.VHOST_CLOSED
    except (OSError, amqp.exceptions.AMQPError):
        return Outcome.SILENT
    # The answer is known; a broker that hangs up first does not change it.
    with suppress(OSError, amqp.exceptions.AMQPError):
        connection.close()
    return Outcome.ACCEPTED
