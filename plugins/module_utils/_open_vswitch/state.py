# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``open_vswitch`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class VirtualBridge:
    """A bridge of Open vSwitch; ``ports`` are without the one of its own name, ``ours``: this module made it."""

    datapath: str = "system"
    ports: frozenset[str] = frozenset()
    ours: bool = False


@dataclass(frozen=True)
class Link:
    """An interface, and what passes over it: what that is, for errors, and the bridge or bond that it is in."""

    carries: tuple[str, ...] = ()
    master: str = ""


@dataclass(frozen=True)
class State:
    """Bridges by name, ports that this module has added, settings by column, and the interfaces that are asked for.

    ``faults``: bridges and ports that Open vSwitch does not forward for, with what it says (or nothing).
    ``serves``: the database's server runs. ``runs``: so does all of Open vSwitch.
    """

    bridges: Mapping[str, VirtualBridge] = field(default_factory=dict)
    own_ports: frozenset[str] = frozenset()
    settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    managers: frozenset[str] = frozenset()
    links: Mapping[str, Link] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    serves: bool = False
    runs: bool = False

    def bridge_of(self, port: str) -> str:
        """The bridge that a port is on; "" for one that is on none."""
        return next((name for name, bridge in self.bridges.items() if port in bridge.ports), "")
