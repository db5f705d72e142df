# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``galera_cluster`` reads of a node."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

PRIMARY = "Primary"


@dataclass(frozen=True)
class State:
    """A node of the database.

    ``runs``: its server answers. ``part`` is the part of the cluster that it is in, Primary where that has the
    majority, and "" where the server runs without a cluster. ``cluster_id`` is that of the running server.
    ``saved_id``, ``saved_position`` and ``is_last`` are what the node noted when it stopped: its cluster, the last
    transaction that it saw (-1: it was not asked to stop), and whether no other node stopped after it. ``has_data``:
    there are databases other than the server's own. ``speaks_tls``: it speaks TLS with the other nodes.
    """

    runs: bool = False
    part: str = ""
    cluster_id: str = ""
    saved_id: str = ""
    saved_position: int = -1
    is_last: bool = False
    has_data: bool = False
    speaks_tls: bool = False

    @property
    def is_member(self) -> bool:
        """Whether it is in the part of a cluster that has the majority."""
        return self.runs and self.part == PRIMARY

    @property
    def lost_majority(self) -> bool:
        """Whether it runs, in a part of a cluster without a majority."""
        return self.runs and self.part not in ("", PRIMARY)

    @property
    def was_member(self) -> bool:
        """Whether it was ever in a cluster, as far as its files show."""
        return bool(self.saved_id)

    def described(self) -> dict[str, Any]:
        """As the module's result has it."""
        return asdict(self)


def node_state(described: Mapping[str, Any]) -> State | None:
    """What ``State.described`` returned on that node; None where nobody asked."""
    known = {field.name for field in fields(State)}
    values = {name: value for name, value in described.items() if name in known}
    return State(**values) if values else None
