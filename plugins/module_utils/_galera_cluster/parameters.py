# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``galera_cluster``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .state import State, node_state

ARGUMENTS: dict[str, Any] = {
    "name": {"type": "str", "required": True},
    "nodes": {"type": "dict"},
    "stage": {"type": "str", "choices": ["look", "begin", "join"], "default": "look"},
    "unit": {"type": "str", "default": "mariadb"},
    "data_directory": {"type": "path", "default": "/var/lib/mysql"},
    "timeout": {"type": "float", "default": 900},
    "tls": {"type": "bool"},
}

CONSTRAINTS: dict[str, Any] = {
    "required_if": [("stage", "begin", ("nodes",)), ("stage", "join", ("nodes",))],
}


@dataclass(frozen=True)
class Desired:
    """A node that is in one cluster with ``nodes``: what all of them said of themselves, None for one not asked.

    In the stage "look" it only says what it is like, in "begin" it begins the cluster if that is its part, in "join" it
    joins it. ``tls``: whether it shall speak TLS with the others; None is as it does.
    """

    name: str
    stage: str = "look"
    nodes: Mapping[str, State | None] = field(default_factory=dict)
    unit: str = "mariadb"
    tls: bool | None = None


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as a node."""
    nodes = {name: node_state(described or {}) for name, described in (params["nodes"] or {}).items()}
    return Desired(params["name"], params["stage"], nodes, params["unit"], params["tls"])
