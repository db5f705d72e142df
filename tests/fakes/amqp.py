# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""py-amqp without a network."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any


class AmqpError(Exception):
    """The root of py-amqp's errors."""


class Refused(AmqpError):
    """403."""


class Closed(AmqpError):
    """530."""


class Missing(AmqpError):
    """404."""


def library(
    raised: Exception | None, made: list[Any], consumers: Mapping[str, int] | None = None
) -> SimpleNamespace:
    """What ``import amqp`` gives: connections that raise ``raised`` (or nothing), each noted in ``made``.

    ``consumers``: how many consumers each queue has. As in a broker, a channel ends with the first error.
    """

    class Connection:
        def __init__(self, **options: Any) -> None:
            self.options = options
            self.closed = False
            made.append(self)

        def connect(self) -> None:
            if raised:
                raise raised

        def close(self) -> None:
            self.closed = True

        def channel(self) -> Channel:
            return Channel()

    class Channel:
        def __init__(self) -> None:
            self.open = True

        def queue_declare(self, queue: str, passive: bool) -> SimpleNamespace:
            assert passive, "a look must not make a queue"
            assert self.open, "the channel was closed by an error"
            if queue not in (consumers or {}):
                self.open = False
                raise Missing(queue)
            return SimpleNamespace(consumer_count=(consumers or {})[queue])

    errors = SimpleNamespace(AccessRefused=Refused, NotAllowed=Closed, NotFound=Missing, AMQPError=AmqpError)
    return SimpleNamespace(Connection=Connection, exceptions=errors)
