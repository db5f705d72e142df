# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which chains keep packets from this host, by what nft and iptables-save list."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .rules import MARK
from .state import InputChain

_FAMILIES = ("inet", "ip", "ip6")
# Tables of programs that keep theirs to themselves: firewalld, and iptables where it writes into nftables.
_FOREIGN = (("inet", "firewalld", None), ("ip", "filter", "INPUT"), ("ip6", "filter", "INPUT"))
_ENDS = ("drop", "reject")
_BRANCHES = ("jump", "goto")
# A rule that asks for nothing else takes nearly every packet.
_WIDE = ("iif", "iifname", "l4proto", "protocol", "nfproto")
_NOTES = ("counter", "log")
_CLOSED = re.compile(
    r"^(?::INPUT DROP\b|-A INPUT(?: -m comment --comment (?:\"[^\"]*\"|\S+))? -j (?:DROP|REJECT)\b)",
    re.MULTILINE,
)

Rule = Mapping[str, Any]
_Place = tuple[str, str, str]


def input_chains(ruleset: str) -> Iterator[InputChain]:
    """The chains that packets to this host pass, out of `nft --json list ruleset`."""
    found = json.loads(ruleset)["nftables"]
    rules: defaultdict[_Place, list[Rule]] = defaultdict(list)
    for rule in (one["rule"] for one in found if "rule" in one):
        rules[rule["family"], rule["table"], rule["chain"]].append(rule)
    chains = [one["chain"] for one in found if "chain" in one]
    own = {(one["family"], one["table"]) for one in chains if one["name"] == MARK}
    for chain in chains:
        family, table, name = place = (chain["family"], chain["table"], chain["name"])
        if chain.get("hook") != "input" or chain.get("type") != "filter" or family not in _FAMILIES:
            continue
        if any((family, table) == foreign[:2] and foreign[2] in (None, name) for foreign in _FOREIGN):
            continue
        jumps = [rule["handle"] for rule in rules[place] if _is_jump(rule)]
        ends = [number for number, rule in enumerate(rules[place]) if _takes_all(rule, rules, place)]
        covered = bool(ends) and any(_is_jump(rule) for rule in rules[place][ends[0] :])
        yield InputChain(
            family,
            table,
            name,
            closed=chain.get("policy") == "drop" or bool(ends),
            jumps=tuple(jumps),
            covered=covered,
            rules=tuple(rule.get("comment", "") for rule in rules[family, table, MARK])
            if (family, table) in own
            else None,
        )


def closed_by_iptables(saved: str) -> bool:
    """Whether rules that iptables-save lists keep packets from this host."""
    _before, _star, tables = saved.partition("*filter\n")
    return bool(_CLOSED.search(tables.partition("COMMIT")[0]))


def _is_jump(rule: Rule) -> bool:
    return any(part.get("jump", {}).get("target") == MARK for part in rule["expr"])


def _takes_all(rule: Rule, rules: Mapping[_Place, Sequence[Rule]], place: _Place, depth: int = 0) -> bool:
    """Whether nearly every packet that comes to this rule is dropped or refused by it, or where it leads."""
    parts = [(kind, words) for part in rule["expr"] for kind, words in part.items() if kind not in _NOTES]
    if not parts or not all(_is_wide(kind, words) for kind, words in parts[:-1]):
        return False
    kind, words = parts[-1]
    if kind in _BRANCHES and words["target"] != MARK and depth < len(rules):
        there = (*place[:2], words["target"])
        return any(_takes_all(one, rules, place, depth + 1) for one in rules.get(there, ()))
    return kind in _ENDS


def _is_wide(kind: str, words: Any) -> bool:
    left = words.get("left", {}) if kind == "match" else {}
    return isinstance(left, Mapping) and left.get("meta", {}).get("key") in _WIDE
