# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether brokers let a user in, found out the way a service does it: by logging in over AMQP."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Callable

from ..engine.errors import CollectionError, UnreachableError
from ..engine.plan import Plan
from ..engine.runner import Operation

_TIMEOUT = 10.0


class Outcome(Enum):
    """What a broker said to a login."""

    ACCEPTED = "accepted"
    ACCESS_REFUSED = "the broker refuses the user or its password"
    VHOST_CLOSED = "the virtual host is missing, or closed to the user"
    SILENT = "nobody answers there"


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


Login = Callable[[str, int, str, str, str], Outcome]


@dataclass
class LoginOperation(Operation):
    """Tries every broker; brokers of one cluster share their users, so one that refuses speaks for all."""

    hosts: Sequence[str]
    port: int
    user: str
    password: str
    vhost: str
    try_login: Login = field(default=log_in)

    def read(self) -> Mapping[str, Outcome]:
        """What each broker said. Raises CollectionError unless one lets the user in and none refuses it."""
        outcomes = {
            host: self.try_login(host, self.port, self.user, self.password, self.vhost) for host in self.hosts
        }
        for host, outcome in outcomes.items():
            if outcome in (Outcome.ACCESS_REFUSED, Outcome.VHOST_CLOSED):
                raise CollectionError(
                    "log in to",
                    "message queue",
                    f"{host}:{self.port} as {self.user}",
                    f"{outcome.value} ({self.vhost})" if outcome is Outcome.VHOST_CLOSED else outcome.value,
                    "Correct the account that the services are configured with, or create it on the broker "
                    "(stackwright.nova.message_queue_user)",
                    code=outcome.name.lower(),
                )
        if Outcome.ACCEPTED not in outcomes.values():
            raise UnreachableError(
                "log in to",
                "message queue",
                ", ".join(f"{host}:{self.port}" for host in self.hosts),
                Outcome.SILENT.value,
                "Start the broker, or correct its address",
            )
        return outcomes

    def nothing(self) -> Mapping[str, Outcome]:
        """No broker installed yet."""
        return dict.fromkeys(self.hosts, Outcome.SILENT)

    def plan(self, current: Mapping[str, Any]) -> Plan:
        """Nothing to do, only to tell."""
        return Plan(result={"hosts": {host: outcome.name.lower() for host, outcome in current.items()}})
