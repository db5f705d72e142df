# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_user`` needs of a broker, and the real one: rabbitmqctl and an AMQP login."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..engine.errors import CollectionError, UnreachableError
from ..engine.process import Output, run_command
from ..engine.secret_file import secret_file
from .login import Outcome, log_in
from .passwords import DEFAULT_ALGORITHM, new_hash
from .planning import Permissions, State, User, user_definition

_BROKER_USER = "rabbitmq"
_NOT_RUNNING = ("unable to perform an operation on node", "app to be running on the target node")
_TIMEOUT = 120.0


class BrokerClient(Protocol):
    """Reads users in one call; writes with one call for each step."""

    def read(self, user: str, vhost: str) -> State:
        """The vhosts, the user and its permissions in ``vhost``."""

    def log_in(self, user: str, password: str, vhost: str) -> bool | None:
        """Whether the broker lets the user in; None where that cannot be tried from here."""

    def call(self, argv: Sequence[str]) -> None:
        """Run one administrative command."""

    def put_user(self, user: str, password: str, tags: tuple[str, ...]) -> None:
        """Create a user, or give it another password."""


class RabbitmqClient:
    """The broker on this host, administered as root; logins go to ``host`` and ``port``."""

    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    def read(self, user: str, vhost: str) -> State:
        """See ``BrokerClient``."""
        output = _rabbitmqctl(
            ["rabbitmqctl", "--quiet", "export_definitions", "-"], "read", "users of the broker"
        )
        return state(json.loads(output.stdout), user, vhost)

    def log_in(self, user: str, password: str, vhost: str) -> bool | None:
        """Log in over AMQP, the way a service does."""
        try:
            outcome = log_in(self._host, self._port, user, password, vhost)
        except UnreachableError:
            return None
        # Where only the vhost is missing or closed to the user, the password was right.
        return {Outcome.SILENT: None, Outcome.ACCESS_REFUSED: False}.get(outcome, True)

    def call(self, argv: Sequence[str]) -> None:
        """See ``BrokerClient``."""
        _rabbitmqctl(argv, argv[1].replace("_", " "), "of the broker")

    def put_user(self, user: str, password: str, tags: tuple[str, ...]) -> None:
        """See ``BrokerClient``; only the hash leaves this process, in a file for the broker alone."""
        definition = json.dumps(user_definition(user, new_hash(password), tags))
        with secret_file(definition, _BROKER_USER, ".json") as path:
            _rabbitmqctl(["rabbitmqctl", "--quiet", "import_definitions", path], "write", f"user {user}")


def state(definitions: Mapping[str, Any], user: str, vhost: str) -> State:
    """The part of exported definitions that concerns one user and one vhost."""
    users = {entry["name"]: entry for entry in definitions["users"]}
    permissions = {(entry["user"], entry["vhost"]): entry for entry in definitions["permissions"]}
    granted = permissions.get((user, vhost))
    return State(
        vhosts=frozenset(entry["name"] for entry in definitions["vhosts"]),
        user=_user(users[user]) if user in users else None,
        permissions=Permissions(granted["configure"], granted["write"], granted["read"]) if granted else None,
    )


def _user(entry: Mapping[str, Any]) -> User:
    tags = entry["tags"]
    return User(
        tags=tuple(tags.split(",") if tags else ()) if isinstance(tags, str) else tuple(tags),
        stored=entry["password_hash"],
        algorithm=entry.get("hashing_algorithm", DEFAULT_ALGORITHM),
    )


def _rabbitmqctl(argv: Sequence[str], verb: str, subject: str) -> Output:
    output = run_command(argv, timeout=_TIMEOUT)
    if output.code == 0:
        return output
    text = output.stderr.strip() or output.stdout.strip()
    cause = " ".join(text.split())
    if any(phrase in text for phrase in _NOT_RUNNING):
        raise UnreachableError(verb, subject, "", cause.split(". ")[0], "Start rabbitmq-server on this host")
    raise CollectionError(
        verb,
        subject,
        "",
        f"rabbitmqctl ended with status {output.code}: {cause}",
        "See the broker's log; rabbitmqctl needs root",
        code="command_failed",
    )
