# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""py-amqp without a network."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any


class AmqpError(Exception):
    """The root of py-amqp's errors."""


class Refused(AmqpError):
    """403."""


class Closed(AmqpError):
    """530."""


def library(raised: Exception | None, made: list[Any]) -> SimpleNamespace:
    """What ``import amqp`` gives: connections that raise ``raised`` (or nothing), each noted in ``made``."""

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

    errors = SimpleNamespace(AccessRefused=Refused, NotAllowed=Closed, AMQPError=AmqpError)
    return SimpleNamespace(Connection=Connection, exceptions=errors)
