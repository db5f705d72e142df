# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real nftables in a network namespace, and a real peer that tries to get through. Needs root, and a few seconds."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import Unit
from ansible_collections.stackwright.nova.plugins.module_utils._engine import process
from ansible_collections.stackwright.nova.plugins.module_utils._firewall_access import client, plan
from ansible_collections.stackwright.nova.plugins.modules import firewall_access
from fakes.modules import run_module

HERE, PEER = "stackwright-here", "stackwright-peer"
FRIEND, FRIEND6 = "10.98.7.21", "fd98:7::21"
STRANGER, STRANGER6 = "10.98.7.66", "fd98:7::66"
SITE = """
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    iif "lo" accept
    tcp dport 22 accept
  }
}
"""
# A policy of accept, and a last rule that refuses the rest, as installers of the Red Hat family have it.
REFUSING = """
table inet site {
  chain inbound {
    type filter hook input priority 5; policy accept;
    icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
    ct state established,related accept
    jump rest
  }
  chain rest {
    reject with icmpx type admin-prohibited
  }
}
"""
# Nothing of it keeps packets from this host.
OPEN = """
table ip filter {
  chain INPUT { type filter hook input priority filter; policy accept; }
  chain FORWARD { type filter hook forward priority filter; policy drop; }
}
table inet guard {
  chain input {
    type filter hook input priority -1; policy accept;
    ip saddr 198.51.100.7 drop
    ct state invalid drop
    tcp dport 25 limit rate over 5/minute reject
  }
}
"""
PORT = 5672
QUEUE = {"name": "message queue", "ports": [PORT], "sources": [FRIEND, FRIEND6]}
TRY = """
import socket, sys
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
with socket.socket(family) as one:
    one.settimeout(1)
    one.bind((sys.argv[1], 0))
    try:
        one.connect((sys.argv[2], int(sys.argv[3])))
    except OSError:
        sys.exit(1)
"""
LISTEN = f"""
import socket
one = socket.create_server(("::", {PORT}), family=socket.AF_INET6, dualstack_ipv6=True)
print("ready", flush=True)
while True:
    one.accept()[0].close()
"""


def sh(*words: str, stdin: str = "") -> str:
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def here(*words: str, stdin: str = "") -> str:
    return sh("ip", "netns", "exec", HERE, *words, stdin=stdin)


def load(text: str) -> None:
    here("nft", "flush", "ruleset")
    here("nft", "--file", "-", stdin=text)


def reaches(source: str) -> bool:
    """Whether a connection from this address of the peer comes through."""
    target = "fd98:7::11" if ":" in source else "10.98.7.11"
    words = ["ip", "netns", "exec", PEER, "python3", "-c", TRY, source, target, str(PORT)]
    return subprocess.run(words, check=False).returncode == 0


def through() -> dict[str, bool]:
    return {source: reaches(source) for source in (FRIEND, FRIEND6, STRANGER, STRANGER6)}


ONLY_FRIENDS = {FRIEND: True, FRIEND6: True, STRANGER: False, STRANGER6: False}


class NftablesUnit:
    """The unit of nftables, enabled or not, and what is asked of systemd."""

    def __init__(self, enabled: bool) -> None:
        self.enabled = enabled
        self.calls: list[str] = []

    def units(self, names: Sequence[str]) -> dict[str, Unit]:
        return {name: Unit(self.enabled, self.enabled) for name in names}

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        self.calls.append(verb)


@pytest.fixture(scope="module")
def wire() -> Iterator[None]:
    """Two hosts on one wire; a service listens on one of them."""
    for name in (HERE, PEER):
        subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
        sh("ip", "netns", "add", name)
    sh("ip", "-n", HERE, "link", "add", "eth0", "type", "veth", "peer", "eth0", "netns", PEER)
    for name, addresses in ((HERE, ("10.98.7.11", "fd98:7::11")), (PEER, tuple(ONLY_FRIENDS))):
        for address in addresses:
            length = "/64" if ":" in address else "/24"
            extra = ["nodad"] if ":" in address else []
            sh("ip", "-n", name, "address", "add", address + length, "dev", "eth0", *extra)
        sh("ip", "-n", name, "link", "set", "lo", "up")
        sh("ip", "-n", name, "link", "set", "eth0", "up")
    words = ["ip", "netns", "exec", HERE, "python3", "-c", LISTEN]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout and server.stdout.readline() == "ready\n"
        yield
        server.terminate()
    for name in (HERE, PEER):
        sh("ip", "netns", "delete", name)


@pytest.fixture(autouse=True)
def bound(wire: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The module sees the namespace, and keeps its files elsewhere."""

    def run_command(argv: Sequence[str], **options: Any) -> process.Output:
        return process.run_command(["ip", "netns", "exec", HERE, *argv], **options)

    monkeypatch.setattr(client, "run_command", run_command)
    for name in ("BOOT_SCRIPT", "BOOT_UNIT"):
        for place in (client, plan):
            monkeypatch.setattr(place, name, str(tmp_path / name))


def call(*openings: dict[str, Any], boots: bool = False, check: bool = False) -> dict[str, Any]:
    unit = NftablesUnit(boots)

    def prepare(operation: Any) -> None:
        operation.client._systemd = unit

    result = run_module(firewall_access, prepare, check=check, diff=True, openings=list(openings))
    assert ("daemon-reload" in unit.calls) is (
        not check and any("daemon-reload" in one for one in result.get("commands", []))
    )
    return result


def converge(*openings: dict[str, Any], boots: bool = False) -> dict[str, Any]:
    """A run, which check mode predicts and a second one finds done."""
    before = here("nft", "list", "ruleset")
    predicted = call(*openings, boots=boots, check=True)
    assert here("nft", "list", "ruleset") == before
    done = call(*openings, boots=boots)
    assert done == predicted
    again = call(*openings, boots=boots)
    assert (again["changed"], again["commands"], again["firewalls"]) == (False, [], done["firewalls"])
    return done


@pytest.mark.parametrize("rules", ["", OPEN], ids=["none", "one that closes nothing"])
def test_where_no_firewall_is_on_nothing_is_done(rules: str) -> None:
    load(rules)
    done = converge(QUEUE)
    assert (done["changed"], done["firewalls"], reaches(STRANGER)) == (False, [], True)


@pytest.mark.parametrize(
    ("rules", "title"), [(SITE, "inet filter input"), (REFUSING, "inet site inbound")], ids=["drop", "reject"]
)
def test_friends_come_through_and_strangers_do_not(rules: str, title: str) -> None:
    load(rules)
    site = here("nft", "list", "ruleset")
    assert not any(through().values())
    done = converge(QUEUE)
    assert done["firewalls"] == [title]
    assert "they do not come from the unit nftables" in done["warnings"][0]
    assert through() == ONLY_FRIENDS
    # Without ours, the site's rules are what they were.
    assert converge()["changed"] is True
    assert here("nft", "list", "ruleset") == site
    assert not any(through().values())


def test_each_table_that_closes_is_opened() -> None:
    load(SITE + REFUSING)
    assert converge(QUEUE)["firewalls"] == ["inet filter input", "inet site inbound"]
    assert through() == ONLY_FRIENDS


def test_a_host_that_left_is_let_in_no_more() -> None:
    load(SITE)
    converge({**QUEUE, "sources": [FRIEND, STRANGER]}, {"name": "APIs", "ports": [80], "sources": [FRIEND]})
    assert reaches(STRANGER)
    converge(QUEUE)
    assert through() == ONLY_FRIENDS
    assert "80" not in here("nft", "list", "chain", "inet", "filter", "stackwright")


@pytest.mark.parametrize(
    "damage",
    [
        "flush chain inet filter stackwright",
        "insert rule inet filter input drop",
        "flush chain inet filter input\nadd rule inet filter input drop\n"
        "add rule inet filter input jump stackwright",
        "insert rule inet filter input jump stackwright",
        'add rule inet filter stackwright ip saddr 0.0.0.0/0 accept comment "by hand"',
    ],
)
def test_what_somebody_damaged_is_mended(damage: str) -> None:
    load(SITE)
    converge(QUEUE)
    here("nft", "--file", "-", stdin=damage)
    converge(QUEUE)
    assert [reaches(FRIEND), reaches(STRANGER)] == [True, False]
    assert here("nft", "list", "chain", "inet", "filter", "input").count("jump stackwright") == 1


def test_what_is_open_is_open_after_the_next_boot(tmp_path: Path) -> None:
    load(SITE)
    done = converge(QUEUE, boots=True)
    assert "warnings" not in done
    assert "ExecReload=-/usr/sbin/nft --file /etc/nft" in (tmp_path / "BOOT_UNIT").read_text()
    # What the unit does when it starts, or rereads its file.
    load(SITE)
    assert not reaches(FRIEND)
    here("nft", "--file", str(tmp_path / "BOOT_SCRIPT"))
    assert through() == ONLY_FRIENDS
    assert call(QUEUE, boots=True)["changed"] is False
    converge(boots=True)
    assert [path.name for path in tmp_path.iterdir()] == []


@pytest.mark.parametrize("program", ["iptables", "ip6tables"])
def test_a_firewall_of_iptables_is_left_to_its_owner(program: str) -> None:
    load("")
    here(program, "-P", "INPUT", "DROP")
    try:
        rules = here("nft", "list", "ruleset")
        for check in (True, False):
            failed = call(QUEUE, check=check)
            assert failed["msg"].startswith(f"Cannot open firewall of {program}: ")
            assert f"tcp {PORT} from {FRIEND},{FRIEND6}" in failed["msg"]
        assert here("nft", "list", "ruleset") == rules
        # Nothing is asked for: nothing is wrong.
        assert call()["changed"] is False
    finally:
        here(program, "-P", "INPUT", "ACCEPT")
