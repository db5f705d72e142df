"""What is ours is found by its tag, and nothing else is."""

import json
from pathlib import Path

import pytest
from testhosts import network

RULES = """\
-P POSTROUTING ACCEPT
-A POSTROUTING -s 10.0.0.0/8 -j MASQUERADE
-A POSTROUTING -s 172.31.77.0/24 ! -o sw-local -m comment --comment "stackwright:local" -j MASQUERADE
-A POSTROUTING -s 172.31.80.0/24 ! -o sw-t1 -m comment --comment stackwright:t1 -j MASQUERADE
-A POSTROUTING -m comment --comment "not stackwright:t1 at all" -j ACCEPT
"""
LINKS = json.dumps(
    [
        {"ifname": "eth0"},
        {"ifname": "sw-local", "ifalias": "stackwright:local"},
        {"ifname": "sw-t1", "ifalias": "stackwright:t1"},
        {"ifname": "sw-theirs", "ifalias": "a switch"},
    ]
)
NAMESPACES = "stackwright.t1.controller1 (id: 2)\nstackwright.t1-b.controller1\nqrouter-1 (id: 1)\n\n"


def test_rules_of_one_lab() -> None:
    (rule,) = network.tagged_rules(RULES, "local")
    assert rule[:3] == ["POSTROUTING", "-s", "172.31.77.0/24"]
    assert "stackwright:local" in rule


def test_rules_of_all_labs() -> None:
    assert [rule[2] for rule in network.tagged_rules(RULES, None)] == ["172.31.77.0/24", "172.31.80.0/24"]


def test_links() -> None:
    assert network.tagged_links(LINKS, "t1") == ["sw-t1"]
    assert network.tagged_links(LINKS, None) == ["sw-local", "sw-t1"]


def test_namespaces_of_a_lab_whose_name_begins_another() -> None:
    assert network.tagged_namespaces(NAMESPACES, "t1") == ["stackwright.t1.controller1"]
    assert network.tagged_namespaces(NAMESPACES, None) == [
        "stackwright.t1.controller1",
        "stackwright.t1-b.controller1",
    ]


def test_a_machine_without_the_programs_has_nothing_to_remove(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    network.remove("lab")
