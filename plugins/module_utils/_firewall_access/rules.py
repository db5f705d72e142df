# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Openings in the words of each firewall."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from xml.etree import ElementTree

from .parameters import Desired, Opening
from .state import InputChain

# Of our own chain, one in each table, and in the comments of all our rules.
MARK = "stackwright"
POLICY = "stackwright-nova"
_DIGEST = 8
_FAMILIES = {"ip": ("ipv4",), "ip6": ("ipv6",), "inet": ("ipv4", "ipv6")}
_MATCH = {"ipv4": "ip saddr", "ipv6": "ip6 saddr"}


def chain_rules(desired: Desired, family: str) -> dict[str, str]:
    """The rules of our own chain in a table of this family of nftables, by their comments.

    A comment has a digest of its rule: nft shows rules in other words than it was given, in each release others.
    """
    rules = {}
    for opening in desired.openings:
        for version in _FAMILIES[family]:
            sources = opening.sources(version)
            if sources:
                rule = (
                    f"{_MATCH[version]} {{ {', '.join(sources)} }} {opening.protocol} dport "
                    f"{{ {', '.join(map(str, opening.ports))} }} accept"
                )
                digest = hashlib.sha256(rule.encode()).hexdigest()[:_DIGEST]
                rules[f"{MARK} {digest} {opening.name}"] = rule
    return rules


def opening_commands(chain: InputChain, rules: dict[str, str]) -> list[str]:
    """What nft does to give a table our own chain, and to pass packets through it before the site's own rules."""
    place = f"{chain.family} {chain.table}"
    return [
        f"add chain {place} {MARK}",
        f"flush chain {place} {MARK}",
        *(f'add rule {place} {MARK} {rule} comment "{comment}"' for comment, rule in rules.items()),
        f'insert rule {place} {chain.name} jump {MARK} comment "{MARK}"',
    ]


def leaving_commands(chain: InputChain) -> list[str]:
    """What nft does to pass our own chain by."""
    return [f"delete rule {chain.title} handle {handle}" for handle in chain.jumps]


def removal_commands(chains: Sequence[InputChain]) -> list[str]:
    """What nft does to take our own chains away, once nothing leads to them."""
    places = dict.fromkeys(f"{one.family} {one.table}" for one in chains if one.rules is not None)
    return [
        command
        for place in places
        for command in (f"flush chain {place} {MARK}", f"delete chain {place} {MARK}")
    ]


def rich_rules(desired: Desired) -> tuple[str, ...]:
    """As firewall-cmd lists them."""
    return tuple(
        f'rule family="{family}" source address="{source}" port port="{port}" protocol="{one.protocol}" accept'
        for one, family, source, port in _singly(desired.openings)
    )


def policy_file(desired: Desired) -> str:
    """The file of our own policy of firewalld, between all zones and this host, which comes before the zones' rules."""
    policy = ElementTree.Element("policy", {"priority": "-1", "target": "CONTINUE"})
    ElementTree.SubElement(policy, "short").text = "OpenStack"
    ElementTree.SubElement(policy, "description").text = "Made by stackwright.nova, which overwrites changes."
    ElementTree.SubElement(policy, "ingress-zone", {"name": "ANY"})
    ElementTree.SubElement(policy, "egress-zone", {"name": "HOST"})
    for opening, family, source, port in _singly(desired.openings):
        rule = ElementTree.SubElement(policy, "rule", {"family": family})
        ElementTree.SubElement(rule, "source", {"address": source})
        ElementTree.SubElement(rule, "port", {"port": str(port), "protocol": opening.protocol})
        ElementTree.SubElement(rule, "accept")
    ElementTree.indent(policy)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(policy, encoding="unicode")}\n'


def _singly(openings: Iterable[Opening]) -> Iterator[tuple[Opening, str, str, int]]:
    """firewalld takes one source and one port in a rule."""
    return (
        (opening, family, source, port)
        for opening in openings
        for family in ("ipv4", "ipv6")
        for source in opening.sources(family)
        for port in opening.ports
    )
