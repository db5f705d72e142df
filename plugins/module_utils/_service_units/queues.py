# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether queues of the message queue are consumed, seen without a trace in the broker's log where that can be."""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from .._clients import amqp, rabbitmqctl
from .._clients.amqp import BrokerLogin
from .._engine.errors import CollectionError, UnreachableError


class QueueWatch(Protocol):
    """Looks at queues; ``Broker`` is the real one."""

    def starting(self) -> None:
        """Note that what consumes queues is only being started."""

    def unconsumed(self, queues: Sequence[str]) -> Mapping[str, str]:
        """Those of the queues that nobody consumes, each with the cause."""


class Broker:
    """The broker with a login.

    A broker logs an error when it is asked over AMQP for a queue that is not there yet. So one on this host is asked
    with its own program; that takes some seconds, and is not needed any more where the queues are there.
    """

    def __init__(self, login: BrokerLogin) -> None:
        self._login = login
        self._starting = False

    def starting(self) -> None:
        """Note that what consumes queues is only being started."""
        self._starting = True

    def unconsumed(self, queues: Sequence[str]) -> Mapping[str, str]:
        """See ``QueueWatch``."""
        if self._starting and any(map(is_local, self._login.hosts)):
            try:
                consumed = rabbitmqctl.consumed_queues(self._login.vhost)
            except UnreachableError:
                pass
            except CollectionError as error:
                # How long to wait is known to whoever waits.
                if error.code != "timeout":
                    raise
                return dict.fromkeys(queues, "the broker has not said yet who consumes it")
            else:
                return {queue: "nobody consumes it" for queue in queues if queue not in consumed}
        return amqp.unconsumed(self._login, queues)


def is_local(host: str) -> bool:
    """Whether a name or an address is one of this host's own: only these can be listened on."""
    with suppress(OSError):
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM):
            with socket.socket(family, kind, protocol) as attempt, suppress(OSError):
                attempt.bind(address)
                return True
    return False
