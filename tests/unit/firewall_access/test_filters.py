# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which firewalls are on, by what the programs list."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access.client import zones
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access.filters import (
    closed_by_iptables,
    input_chains,
)

DROP: dict[str, Any] = {"drop": None}
COUNTER = {"counter": {"packets": 0, "bytes": 0}}
INTERFACE = {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "eth0"}}
ADDRESS = {
    "match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}}, "right": "192.0.2.1"}
}


def ruleset(*rules: list[dict[str, Any]], family: str = "inet", table: str = "t", **chain: Any) -> str:
    """One chain with rules, and another one that drops everything, as nft lists them."""
    place = {"family": family, "table": table}
    described = {**place, "name": "in", "type": "filter", "hook": "input", "policy": "accept", **chain}
    found: list[dict[str, Any]] = [{"metainfo": {}}, {"table": {"family": family, "name": table}}]
    found += [{"chain": described}, {"chain": {**place, "name": "rest"}}]
    for number, parts in enumerate(rules):
        found.append({"rule": {**place, "chain": described["name"], "handle": number, "expr": parts}})
    found.append({"rule": {**place, "chain": "rest", "handle": 99, "expr": [DROP]}})
    return json.dumps({"nftables": found})


@pytest.mark.parametrize(
    ("rules", "closed"),
    [
        ([], False),
        ([[DROP]], True),
        ([[COUNTER, {"reject": {"type": "icmpx"}}]], True),
        ([[INTERFACE, {"log": {}}, DROP]], True),
        ([[ADDRESS, DROP]], False),
        ([[{"limit": {"rate": 5}}, DROP]], False),
        ([[COUNTER]], False),
        ([[{"accept": None}]], False),
        ([[{"jump": {"target": "rest"}}]], True),
        ([[ADDRESS, {"goto": {"target": "rest"}}]], False),
        # A loop, which the kernel would refuse.
        ([[{"jump": {"target": "in"}}]], False),
    ],
)
def test_a_chain_is_closed_by_a_rule_that_takes_all(rules: list[list[dict[str, Any]]], closed: bool) -> None:
    (chain,) = input_chains(ruleset(*rules))
    assert chain.closed is closed


def test_a_chain_is_closed_by_its_policy() -> None:
    (chain,) = input_chains(ruleset(policy="drop"))
    assert (chain.closed, chain.title, chain.rules) == (True, "inet t in", None)


@pytest.mark.parametrize(
    "other",
    [
        {"hook": "forward"},
        {"type": "nat"},
        {"family": "bridge"},
        {"table": "firewalld"},
        {"family": "ip", "table": "filter", "name": "INPUT"},
    ],
)
def test_other_chains_are_nobodys_business(other: dict[str, Any]) -> None:
    assert list(input_chains(ruleset(policy="drop", **other))) == []


@pytest.mark.parametrize(
    ("rules", "closed"),
    [
        (":INPUT ACCEPT [0:0]\n-A INPUT -s 192.0.2.1/32 -j DROP", False),
        (":INPUT DROP [12:900]", True),
        (":INPUT ACCEPT [0:0]\n-A INPUT -j REJECT --reject-with icmp-host-prohibited", True),
        (':INPUT ACCEPT [0:0]\n-A INPUT -m comment --comment "the rest" -j DROP', True),
        (":INPUT ACCEPT [0:0]\n:FORWARD DROP [0:0]\n-A FORWARD -j DROP", False),
    ],
)
def test_iptables(rules: str, closed: bool) -> None:
    other = "*raw\n:INPUT DROP [0:0]\nCOMMIT\n"
    assert closed_by_iptables(f"# by iptables-save\n{other}*filter\n{rules}\nCOMMIT\n{other}") is closed
    assert not closed_by_iptables(other)


def test_zones_are_compared_without_what_only_runs() -> None:
    listed = "public (active)\n  target: default\n  interfaces: eth0\n  services: ssh\n\ttabbed\n\nwork\n  target: x"
    assert zones(listed) == {
        "public": ["target: default", "services: ssh", "tabbed"],
        "work": ["target: x"],
    }
