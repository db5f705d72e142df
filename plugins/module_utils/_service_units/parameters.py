# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``service_units``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._clients.amqp import LOGIN_OPTIONS, BrokerLogin
from .._engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    "units": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "name": {"type": "str", "required": True},
            "enabled": {"type": "bool", "default": True},
            "state": {"type": "str", "choices": ["started", "stopped"], "default": "started"},
            "watch": {"type": "list", "elements": "path", "default": []},
            "reload_watch": {"type": "list", "elements": "path", "default": []},
            "reload_first": {"type": "list", "elements": "str", "default": []},
            "consumes": {"type": "list", "elements": "str", "default": []},
        },
    },
    "changed_files": {"type": "list", "elements": "path", "default": []},
    "answers": {"type": "list", "elements": "str", "default": []},
    "ca_cert": {"type": "path"},
    "message_queue": {"type": "dict", "options": LOGIN_OPTIONS},
    "log_dir": {"type": "path"},
    "settle": {"type": "float", "default": 2},
    "timeout": {"type": "float", "default": 180},
}


@dataclass(frozen=True)
class DesiredUnit:
    """A unit as it shall be.

    ``watch``: files, directories and globs that the process reads once, at its start. ``reload_watch``: those that it
    rereads when it is reloaded. ``reload_first``: units to reload before this one is started (a message bus that
    must learn of it, say). ``consumes``: queues of the message queue from which its processes take requests once they
    work; units behind it that consume none are started after that.
    """

    name: str
    enabled: bool = True
    running: bool = True
    watch: tuple[str, ...] = ()
    reload_watch: tuple[str, ...] = ()
    reload_first: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()

    @property
    def needed(self) -> bool:
        """Whether it has to be installed: one that shall neither run nor start at boot may as well be missing."""
        return self.running or self.enabled

    @property
    def read(self) -> tuple[str, ...]:
        """All that its process has read."""
        return (*self.watch, *self.reload_watch)


@dataclass(frozen=True)
class Desired:
    """Units that run the configuration on disk, and URLs (``answers``) that answer.

    ``changed_files`` count as changed just now, whatever their own time says. ``settle`` is how long (seconds)
    a unit must have been running to count as started; ``timeout`` how long to wait for that and for the answers.
    """

    units: tuple[DesiredUnit, ...]
    changed_files: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    settle: float = 2.0
    timeout: float = 180.0

    @property
    def running(self) -> tuple[str, ...]:
        """The names of the units that shall run."""
        return tuple(unit.name for unit in self.units if unit.running)

    @property
    def stages(self) -> tuple[tuple[DesiredUnit, ...], ...]:
        """The units in the groups that are started one after the other: clients after those that serve them."""
        stages: list[list[DesiredUnit]] = [[]]
        for unit in self.units:
            if not unit.consumes and any(one.running and one.consumes for one in stages[-1]):
                stages.append([])
            stages[-1].append(unit)
        return tuple(map(tuple, stages))


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as units and files."""
    return Desired(
        units=tuple(_unit(**unit) for unit in params["units"]),
        changed_files=tuple(params["changed_files"]),
        answers=tuple(params["answers"]),
        settle=params["settle"],
        timeout=params["timeout"],
    )


def _unit(
    name: str,
    enabled: bool,
    state: str,
    watch: Sequence[str],
    reload_watch: Sequence[str],
    reload_first: Sequence[str],
    consumes: Sequence[str],
) -> DesiredUnit:
    return DesiredUnit(
        name,
        enabled,
        state == "started",
        tuple(watch),
        tuple(reload_watch),
        tuple(reload_first),
        tuple(consumes),
    )


def broker_login(params: Mapping[str, Any]) -> BrokerLogin | None:
    """Where to see whether queues are consumed. Raises CollectionError where units name queues and nothing says."""
    queue = params["message_queue"]
    if queue:
        return BrokerLogin.of(queue)
    consumers = [unit["name"] for unit in params["units"] if unit["consumes"]]
    if consumers:
        raise CollectionError(
            "wait for",
            "queues of",
            ", ".join(consumers),
            "nothing says where the message queue is",
            "Set message_queue, or leave consumes out",
            code="arguments",
        )
    return None
