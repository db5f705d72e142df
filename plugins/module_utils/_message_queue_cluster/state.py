# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_cluster`` reads of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class State:
    """A broker: its name ("" where there is none), the nodes of its cluster, and whether it has users of its own.

    ``is_stopped``: its node runs and it does not, as a run that was cut while it joined leaves it.
    """

    node: str = ""
    members: tuple[str, ...] = ()
    has_users: bool = False
    is_stopped: bool = False

    @property
    def is_clustered(self) -> bool:
        """Whether it has others beside it."""
        return len(self.members) > 1

    def described(self) -> dict[str, Any]:
        """As the module's result has it."""
        return {"node": self.node, "members": list(self.members), "has_users": self.has_users}


def broker_state(described: Mapping[str, Any]) -> State | None:
    """What ``State.described`` returned on that node; None where nobody asked."""
    if not described.get("node"):
        return None
    return State(described["node"], tuple(described["members"]), bool(described["has_users"]))
