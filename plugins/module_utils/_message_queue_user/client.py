# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_user`` needs of a broker, and the real one: rabbitmqctl and an AMQP login."""

from __future__ import annotations

from .._clients import rabbitmqctl
from .._clients.amqp import Outcome, log_in
from .._engine.errors import UnreachableError
from .definitions import state, user_definition
from .passwords import new_hash
from .state import State


class RabbitmqClient:
    """The broker on this host, administered as root; logins go to ``host`` and ``port``, as ``log_in`` takes them."""

    def __init__(self, host: str, port: int, authorities: str | None = None) -> None:
        self._host = host
        self._port = port
        self._authorities = authorities

    def read(self, user: str, vhost: str) -> State:
        """The vhosts, the user and its permissions in ``vhost``."""
        return state(rabbitmqctl.export_definitions(), user, vhost)

    def log_in(self, user: str, password: str, vhost: str) -> bool | None:
        """Log in over AMQP, the way a service does."""
        try:
            outcome = log_in(self._host, self._port, user, password, vhost, self._authorities)
        except UnreachableError:
            return None
        # Where only the vhost is missing or closed to the user, the password was right.
        untried = (Outcome.SILENT, Outcome.UNTRUSTED, Outcome.WITHOUT_TLS)
        return None if outcome in untried else outcome is not Outcome.ACCESS_REFUSED

    def rabbitmqctl(self, *words: str) -> None:
        """Run one administrative command ("delete_user", "guest", say)."""
        rabbitmqctl.run(*words)

    def put_user(self, user: str, password: str, tags: tuple[str, ...]) -> None:
        """Create a user, or give it another password.

        Only the hash leaves this process, in a file for the broker alone.
        """
        rabbitmqctl.import_definitions(user_definition(user, new_hash(password), tags), f"user {user}")
