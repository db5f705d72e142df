# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module firewall_access, over firewalls that only note what is done to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access.parameters import desired
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access.rules import (
    chain_rules,
    policy_file,
    rich_rules,
)
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access.state import (
    Boot,
    Firewalld,
    InputChain,
    State,
)
from ansible_collections.stackwright.nova.plugins.modules import firewall_access
from fakes.modules import run_module

QUEUE = {
    "name": "message queue",
    "ports": [5672, 5671],
    "sources": ["192.0.2.22", "192.0.2.21", "2001:db8::21"],
}
TUNNELS = {"name": "tunnels", "protocol": "udp", "ports": [4789], "sources": ["192.0.2.0/24"]}
DESIRED = desired({"openings": [{"protocol": "tcp", **QUEUE}]})
CLOSED = InputChain("inet", "filter", "input", closed=True)
RULES = chain_rules(DESIRED, "inet")
DONE = replace(CLOSED, jumps=(7,), rules=tuple(RULES))
RICH = rich_rules(DESIRED)
FILE = policy_file(DESIRED)
POLICY = "/etc/firewalld/policies/stackwright-nova.xml"
JUMP = 'nft insert rule inet filter input jump stackwright comment "stackwright"'


class FakeFirewalls:
    """Has ``state``, and keeps what is asked of it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.done: list[str] = []

    def read(self) -> State:
        return self.state

    def change(self, script: str) -> None:
        self.done += [f"nft {line}" for line in script.splitlines()]

    def firewalld(self, words: Sequence[str]) -> None:
        self.done.append(" ".join(["firewall-cmd", *words]))

    def write(self, path: str, text: str) -> None:
        assert text
        self.done.append(f"write {path}")

    def remove(self, path: str) -> None:
        self.done.append(f"rm {path}")

    def reload_units(self) -> None:
        self.done.append("systemctl daemon-reload")


def call(state: State, *openings: dict[str, Any], check: bool = False) -> dict[str, Any]:
    """The result of a run; what it says that it did is what the firewalls saw."""
    fake = FakeFirewalls(state)

    def prepare(operation: Any) -> None:
        operation.client = fake

    result = run_module(firewall_access, prepare, check=check, diff=True, openings=list(openings))
    commands = [command.replace("'", "") for command in result.get("commands", [])]
    assert fake.done == ([] if check else commands)
    return result


def changes(state: State, *openings: dict[str, Any]) -> list[str]:
    """What a run does, which check mode predicts."""
    done = call(state, *openings)
    assert call(state, *openings, check=True) == done
    assert done["changed"] is bool(done["commands"])
    commands: list[str] = done["commands"]
    return commands


def test_no_firewall_is_switched_on() -> None:
    assert changes(State(), QUEUE, TUNNELS) == []
    assert changes(State((replace(CLOSED, closed=False),)), QUEUE) == []


def test_a_table_that_closes_gets_a_chain_of_ours() -> None:
    assert changes(State((CLOSED,)), QUEUE) == [
        "nft add chain inet filter stackwright",
        "nft flush chain inet filter stackwright",
        *(
            f'nft add rule inet filter stackwright {rule} accept comment "{comment}"'
            for rule, comment in zip(
                (
                    "ip saddr { 192.0.2.21, 192.0.2.22 } tcp dport { 5671, 5672 }",
                    "ip6 saddr { 2001:db8::21 } tcp dport { 5671, 5672 }",
                ),
                RULES,
            )
        ),
        JUMP,
    ]


def test_a_table_of_one_family_gets_the_addresses_of_that() -> None:
    commands = changes(State((replace(CLOSED, family="ip6"),)), QUEUE, TUNNELS)
    assert [command for command in commands if "saddr" in command] == [
        f'nft add rule ip6 filter stackwright {rule} comment "{comment}"'
        for comment, rule in chain_rules(DESIRED, "ip6").items()
    ]


@pytest.mark.parametrize(
    "chain",
    [
        replace(DONE, jumps=()),
        replace(DONE, jumps=(7, 9)),
        replace(DONE, covered=True),
        replace(DONE, rules=()),
        replace(DONE, rules=(*RULES, "by hand")),
        replace(DONE, rules=tuple(reversed(list(RULES)))),
    ],
)
def test_what_differs_is_written_anew(chain: InputChain) -> None:
    commands = changes(State((chain,)), QUEUE)
    assert commands[: len(chain.jumps)] == [
        f"nft delete rule inet filter input handle {handle}" for handle in chain.jumps
    ]
    assert commands[-1] == JUMP


def test_what_is_there_stays() -> None:
    assert changes(State((DONE,)), QUEUE) == []


@pytest.mark.parametrize("openings", [[], [{**QUEUE, "sources": []}], [{**QUEUE, "ports": []}]])
def test_without_openings_all_of_ours_goes(openings: list[dict[str, Any]]) -> None:
    assert changes(State((DONE, replace(CLOSED, family="ip"))), *openings) == [
        "nft delete rule inet filter input handle 7",
        "nft flush chain inet filter stackwright",
        "nft delete chain inet filter stackwright",
    ]


def test_two_chains_of_a_table_share_one_of_ours() -> None:
    other = replace(CLOSED, name="late", closed=False, rules=tuple(RULES), jumps=(3,))
    assert changes(State((DONE, other)), QUEUE) == ["nft delete rule inet filter late handle 3"]


def test_the_unit_of_nftables_opens_after_the_sites_rules() -> None:
    files = ["/etc/nftables-stackwright.nft", "/etc/systemd/system/nftables.service.d/stackwright.conf"]
    used = State((DONE,), boot=Boot(used=True))
    expected = [f"write {path}" for path in files] + ["systemctl daemon-reload"]
    assert changes(used, QUEUE) == expected
    assert "warnings" not in call(used, QUEUE)
    assert changes(State(boot=Boot(True, "x", "y"))) == [f"rm {path}" for path in files] + expected[-1:]


def test_without_that_unit_a_warning_says_how_long_it_lasts() -> None:
    (warning,) = call(State((CLOSED,)), QUEUE)["warnings"]
    assert warning.startswith("What is opened in inet filter input is closed again when")


def test_firewalld_gets_a_policy_of_ours() -> None:
    assert changes(State(firewalld=Firewalld()), QUEUE) == [f"write {POLICY}", "firewall-cmd --reload"]
    assert changes(State(firewalld=Firewalld(FILE, RICH)), QUEUE) == []
    # Written by a run that was cut.
    assert changes(State(firewalld=Firewalld(FILE)), QUEUE) == ["firewall-cmd --reload"]


def test_firewalld_is_not_reloaded_for_a_rule() -> None:
    more = (*RICH[1:], 'rule family="ipv4" source address="192.0.2.66" port port="22" protocol="tcp" accept')
    assert changes(State(firewalld=Firewalld("other", more, volatile=("public",))), QUEUE) == [
        f"write {POLICY}",
        f"firewall-cmd --policy=stackwright-nova --remove-rich-rule='{more[-1]}'",
        f"firewall-cmd --policy=stackwright-nova --add-rich-rule='{RICH[0]}'",
    ]


def test_firewalld_without_anything_to_open_is_left_alone() -> None:
    assert changes(State(firewalld=Firewalld())) == []
    commands = changes(State(firewalld=Firewalld(FILE, RICH)))
    assert commands[0] == f"write {POLICY}"
    assert commands[1].count("--remove-rich-rule") == len(RICH)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State(firewalld=Firewalld(policies=False)), "it has no policies, which came with its release 0.9"),
        (
            State(firewalld=Firewalld(volatile=("public",))),
            "loses what it has in public and not in its files",
        ),
        # Its file was written by a run that was cut.
        (
            State(firewalld=Firewalld(FILE, volatile=("work",))),
            "loses what it has in work and not in its files",
        ),
        (State(others=("ufw",)), "Cannot open firewall of ufw: "),
        (State(others=("iptables", "ip6tables")), "tcp 5671,5672 from 192.0.2.21,192.0.2.22,2001:db8::21"),
    ],
)
def test_what_cannot_be_opened_is_refused_before_anything_changes(state: State, words: str) -> None:
    for check in (True, False):
        failed = call(state, QUEUE, check=check)
        assert failed["failed"]
        assert words in failed["msg"]


@pytest.mark.parametrize(
    ("opening", "words"),
    [
        ({"name": 'a "quote'}, "Cannot open name"),
        ({"ports": [70000]}, "Cannot open port 70000: there is no such port"),
        ({"sources": ["compute1"]}, "Cannot open source 'compute1': it is no address"),
    ],
)
def test_what_is_no_opening_is_refused(opening: dict[str, Any], words: str) -> None:
    assert words in call(State(), {**QUEUE, **opening})["msg"]
