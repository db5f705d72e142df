# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``message_queue_cluster``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .state import State, broker_state

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "nodes": {"type": "dict"},
    "stage": {"type": "str", "choices": ["look", "join"], "default": "look"},
}

CONSTRAINTS: dict[str, Any] = {"required_if": [("stage", "join", ("nodes",))]}


@dataclass(frozen=True)
class Desired:
    """A broker that is in one cluster with ``nodes``: what all said of themselves, None for one that was not asked."""

    name: str
    joins: bool = False
    nodes: Mapping[str, State | None] = field(default_factory=dict)


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as a broker."""
    nodes = {name: broker_state(described or {}) for name, described in (params["nodes"] or {}).items()}
    return Desired(params["name"], params["stage"] == "join", nodes)
