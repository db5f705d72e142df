# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the inventory says of hosts: groups, addresses, cells, and the names that hosts have for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

FIRST_CELL = "cell1"
"""The cell of the cloud's own controllers."""


@dataclass(frozen=True)
class Inventory:
    """The groups of the inventory, and the variables of its hosts: each is read when it is asked for.

    ``name`` is the host that is described.
    """

    name: str
    groups: Mapping[str, Sequence[str]]
    hostvars: Mapping[str, Mapping[str, Any]]

    def group(self, name: str) -> list[str]:
        """The hosts of a group in the order of the inventory; none where there is no such group."""
        return list(self.groups.get(name) or ())

    def of(self, host: str, variable: str, default: Any = "") -> Any:
        """A variable of a host, or the default where it is not set there."""
        try:
            value = self.hostvars[host].get(variable, default)
        except KeyError:
            return default
        return default if value is None else value

    def address(self, host: str) -> str:
        """The management address of a host, "" where it has none."""
        return str(self.of(host, "cloud_management_address"))

    def cell(self, host: str) -> str:
        """The cell that a host belongs to."""
        return str(self.of(host, "cloud_cell", FIRST_CELL))

    def node_name(self, host: str) -> str:
        """What a host calls itself, "" where it was not asked."""
        facts = self.of(host, "ansible_facts", {})
        return str(facts.get("nodename") or "")

    def addresses(self, hosts: Iterable[str], variable: str = "cloud_management_address") -> list[str]:
        """The addresses of hosts that have one, each once."""
        found = (str(self.of(host, variable)) for host in hosts)
        return unique(each for each in found if each)


def unique(values: Iterable[Any]) -> list[Any]:
    """The values in their order, each once."""
    found: list[Any] = []
    for value in values:
        if value not in found:
            found.append(value)
    return found
