# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: nothing is ever to be done."""

from __future__ import annotations

from typing import Any

from .._engine.proof import require_proven
from .parameters import Desired
from .state import State


def report(desired: Desired, current: State) -> dict[str, Any]:
    """The proof as the module's result. Raises CollectionError where a part is missing."""
    seen = {"endpoints": _endpoints(current), "agents": _agents(current)}
    require_proven("cloud", current.cloud, current.parts, **seen)
    return {"proven": True, "parts": [part.as_dict() for part in current.parts], **seen}


def _endpoints(current: State) -> list[dict[str, Any]]:
    return [
        {
            "service": service["type"],
            "interface": endpoint["interface"],
            "region": endpoint["region_id"],
            "url": endpoint["url"],
        }
        for service in current.catalog
        for endpoint in service["endpoints"]
    ]


def _agents(current: State) -> list[dict[str, Any]]:
    found = [
        {
            "host": agent["host"],
            "binary": agent["binary"],
            "alive": bool(agent["alive"]),
            "enabled": bool(agent["admin_state_up"]),
        }
        for agent in current.agents
    ]
    return sorted(found, key=lambda agent: (agent["host"], agent["binary"]))
