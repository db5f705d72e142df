# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module compute_host is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._clients import openstack
from .._engine.errors import CollectionError, plural

ENABLED, DISABLED, ABSENT = "enabled", "disabled", "absent"

ARGUMENTS: dict[str, Any] = {
    **openstack.ARGUMENTS,
    "hosts": {"type": "list", "elements": "str", "required": True},
    "state": {"type": "str", "choices": [ENABLED, DISABLED, ABSENT], "required": True},
    "reason": {"type": "str"},
    "require_empty": {"type": "bool", "default": False},
    "drain": {"type": "bool", "default": False},
    "drain_timeout": {"type": "float", "default": 3600},
    "network_agents": {"type": "dict", "default": {}},
    "timeout": {"type": "float", "default": 180},
}


@dataclass(frozen=True)
class Desired:
    """The hosts and the state that they shall all have.

    ``agents``: the binaries of the agents of Neutron that go with a host, by host. ``empty``: hosts that are
    disabled must be empty, too (those that are removed always must). ``drain``: what is on hosts that are disabled
    moves elsewhere, each instance within ``drain_timeout`` seconds. ``timeout``: seconds in which hosts that are to be
    removed must cease to report.
    """

    hosts: tuple[str, ...]
    state: str
    reason: str | None = None
    empty: bool = False
    drain: bool = False
    drain_timeout: float = 3600.0
    agents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timeout: float = 180.0

    @property
    def must_be_empty(self) -> bool:
        """Whether what is on the hosts matters."""
        return self.state == ABSENT or (self.state == DISABLED and (self.empty or self.drain))


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters. CollectionError for hosts that are to be drained and not to be disabled."""
    if params["drain"] and params["state"] != DISABLED:
        raise CollectionError(
            "drain",
            plural("compute host", params["hosts"]),
            ", ".join(params["hosts"]),
            f"state is {params['state']}, and new instances would come to take the places of those that go",
            f"Set state to {DISABLED}",
            code="arguments",
        )
    return Desired(
        hosts=tuple(dict.fromkeys(params["hosts"])),
        state=params["state"],
        reason=params["reason"],
        empty=params["require_empty"],
        drain=params["drain"],
        drain_timeout=params["drain_timeout"],
        agents={
            host: [binaries] if isinstance(binaries, str) else binaries
            for host, binaries in params["network_agents"].items()
        },
        timeout=params["timeout"],
    )
