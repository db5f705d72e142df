# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``firewall_access`` reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InputChain:
    """A chain of nftables that packets to this host pass.

    ``closed``: what is not accepted in it is dropped or refused. ``jumps``: handles of its rules that lead to our own
    chain; ``covered``: one of them stands after a rule that drops everything. ``rules``: comments of the rules in our
    own chain of its table, None without one.
    """

    family: str
    table: str
    name: str
    closed: bool = False
    jumps: tuple[int, ...] = ()
    covered: bool = False
    rules: tuple[str, ...] | None = None

    @property
    def title(self) -> str:
        """As nft calls it."""
        return f"{self.family} {self.table} {self.name}"


@dataclass(frozen=True)
class Firewalld:
    """firewalld, running: the file of our own policy, and its rules in the firewall as it is now (None: not loaded).

    ``policies``: its release has policies. ``volatile``: zones with rules that only the running one has, which are lost
    when it is reloaded.
    """

    file: str = ""
    rules: tuple[str, ...] | None = None
    policies: bool = True
    volatile: tuple[str, ...] = ()


@dataclass(frozen=True)
class Boot:
    """What restores our rules when the unit of nftables has loaded those of the site.

    ``used``: the unit is there and starts, or has started. ``script`` and ``unit`` are the texts of our files.
    """

    used: bool = False
    script: str = ""
    unit: str = ""


@dataclass(frozen=True)
class State:
    """The firewalls of the host. ``others``: programs that manage one which is on, and which is not ours to change."""

    chains: tuple[InputChain, ...] = ()
    firewalld: Firewalld | None = None
    others: tuple[str, ...] = ()
    boot: Boot = Boot()
