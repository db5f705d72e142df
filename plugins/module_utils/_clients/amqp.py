# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logins over AMQP, and what they see, through py-amqp, the library that OpenStack's own services use."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable

from .._engine.errors import UnreachableError

_TIMEOUT = 10.0

LOGIN_OPTIONS: dict[str, Any] = {
    "hosts": {"type": "list", "elements": "str", "required": True},
    "port": {"type": "int", "default": 5672},
    "user": {"type": "str", "required": True},
    "password": {"type": "str", "required": True, "no_log": True},
    "vhost": {"type": "str", "default": "/"},
    "tls": {"type": "bool", "default": False},
    "ca_cert": {"type": "path"},
}
"""What modules take to log in to the brokers of one cluster."""


class Outcome(Enum):
    """What a broker said to a login."""

    ACCEPTED = "accepted"
    ACCESS_REFUSED = "the broker refuses the user or its password"
    VHOST_CLOSED = "the virtual host is missing, or closed to the user"
    UNTRUSTED = "the broker's certificate does not prove that it is the one asked for"
    WITHOUT_TLS = "what answers there does not speak TLS"
    SILENT = "nobody answers there"


TryLogin = Callable[[str, int, str, str, str, "str | None"], Outcome]
"""``log_in`` or something that stands in for it: its arguments to the outcome."""


@dataclass(frozen=True)
class BrokerLogin:
    """How to log in to the brokers of one cluster; for ``authorities`` see ``log_in``."""

    hosts: tuple[str, ...]
    port: int
    user: str
    password: str = field(repr=False)
    vhost: str
    authorities: str | None = None

    @classmethod
    def of(cls, options: Mapping[str, Any]) -> BrokerLogin:
        """What ``LOGIN_OPTIONS`` say."""
        return cls(
            tuple(options["hosts"]),
            options["port"],
            options["user"],
            options["password"],
            options["vhost"],
            authorities(options),
        )


def authorities(params: Mapping[str, Any]) -> str | None:
    """What ``LOGIN_OPTIONS`` say of TLS, as ``log_in`` takes it."""
    return (params["ca_cert"] or "") if params["tls"] else None


def log_in(
    host: str, port: int, user: str, password: str, vhost: str, authorities: str | None = None
) -> Outcome:
    """Log in once, and out again.

    ``authorities`` is the PEM file of those that the broker's certificate is checked with, over TLS: "" for the host's
    own, None without TLS. Raises UnreachableError where the AMQP library is missing.
    """
    outcome, connection = _connect(host, port, user, password, vhost, authorities)
    if connection:
        _close(connection)
    return outcome


def unconsumed(login: BrokerLogin, queues: Sequence[str]) -> dict[str, str]:
    """Those of the queues that nobody consumes, each with the cause; the first broker that lets us in is asked.

    Raises UnreachableError where the AMQP library is missing.
    """
    outcome = Outcome.SILENT
    for host in login.hosts:
        outcome, connection = _connect(
            host, login.port, login.user, login.password, login.vhost, login.authorities
        )
        if connection:
            try:
                causes = {queue: _idleness(connection, queue) for queue in queues}
            finally:
                _close(connection)
            return {queue: cause for queue, cause in causes.items() if cause}
    return dict.fromkeys(queues, outcome.value)


def _connect(
    host: str, port: int, user: str, password: str, vhost: str, authorities: str | None
) -> tuple[Outcome, Any]:
    """What the broker said, and the connection where it let us in."""
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
        ssl=False if authorities is None else _verified(host, authorities),
    )
    try:
        connection.connect()
    except amqp.exceptions.AccessRefused:
        return Outcome.ACCESS_REFUSED, None
    except amqp.exceptions.NotAllowed:
        return Outcome.VHOST_CLOSED, None
    except ssl.SSLCertVerificationError:
        return Outcome.UNTRUSTED, None
    except ssl.SSLError:
        return Outcome.WITHOUT_TLS, None
    except (OSError, amqp.exceptions.AMQPError):
        return Outcome.SILENT, None
    return Outcome.ACCEPTED, connection


def _verified(host: str, authorities: str) -> dict[str, Any]:
    """What py-amqp makes its TLS of: the broker proves itself under the name that it is asked by."""
    own = {"ca_certs": authorities} if authorities else {}
    return {"cert_reqs": ssl.CERT_REQUIRED, "server_hostname": host, **own}


def _close(connection: Any) -> None:
    """Log out; a broker that hangs up first has answered all the same."""
    import amqp

    with suppress(OSError, amqp.exceptions.AMQPError):
        connection.close()


def _idleness(connection: Any, queue: str) -> str:
    """Why nobody consumes a queue; "" where somebody does. A refusal closes a channel, so each has its own."""
    import amqp

    try:
        declared = connection.channel().queue_declare(queue=queue, passive=True)
    except amqp.exceptions.NotFound:
        return "there is no such queue yet"
    except (OSError, amqp.exceptions.AMQPError) as error:
        return f"the broker does not say ({error})"
    return "" if declared.consumer_count else "nobody consumes it"
