# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What passes over interfaces, and over which address Ansible came."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch import links
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.state import Link

# The real one, which the fixture below replaces for all others.
CONNECTION_ADDRESS = links.connection_address
ADDRESSES: list[dict[str, object]] = [
    {"ifname": "lo", "addr_info": [{"family": "inet", "local": "127.0.0.1"}]},
    {"ifname": "eth0", "addr_info": [{"family": "inet", "local": "192.0.2.1"}]},
    {"ifname": "eth1", "addr_info": [{"family": "inet6", "local": "fe80::1"}]},
    {"ifname": "eth2", "addr_info": [{"family": "inet6", "local": "2001:db8::2"}], "master": "bond0"},
    {"ifname": "eth3", "master": "ovs-system"},
]


@pytest.fixture(autouse=True)
def ip(monkeypatch: pytest.MonkeyPatch) -> None:
    def shown(*arguments: str) -> list[dict[str, object]]:
        if "route" in arguments:
            return [{"dst": "default", "dev": "eth0"}] if "-6" not in arguments else [{"dev": "eth2"}]
        return ADDRESSES

    monkeypatch.setattr(links, "ip", shown)
    monkeypatch.setattr(links, "connection_address", lambda: "2001:db8::2")


@pytest.mark.parametrize(
    ("name", "link"),
    [
        ("eth0", Link(("the default route", "the address 192.0.2.1"))),
        ("eth1", Link()),
        ("eth2", Link(("the default route", "the connection that Ansible came by"), "bond0")),
        ("eth3", Link()),
    ],
)
def test_what_an_interface_carries(name: str, link: Link) -> None:
    assert links.read_links([name, "eth9"]) == {name: link}


def test_nothing_is_asked_where_no_interface_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "ip", None)
    assert links.read_links([]) == {}


def process(proc: Path, number: int, parent: int, environment: bytes) -> None:
    folder = proc / str(number)
    folder.mkdir()
    (folder / "environ").write_bytes(environment)
    (folder / "stat").write_text(f"{number} (a (b) c) S {parent} 1 1\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """python below sudo, below a shell of sshd; and a process that nobody came to."""
    process(tmp_path, 40, 30, b"PATH=/bin\0")
    process(tmp_path, 30, 20, b"")
    process(tmp_path, 20, 1, b"HOME=/\0SSH_CONNECTION=192.0.2.9 50000 192.0.2.1 22\0")
    process(tmp_path, 50, 1, b"SSH_CONNECTIONS=no\0")
    return tmp_path


@pytest.mark.parametrize(("number", "address"), [(40, "192.0.2.1"), (20, "192.0.2.1"), (50, ""), (60, "")])
def test_the_connection_is_that_of_a_process_above(proc: Path, number: int, address: str) -> None:
    assert CONNECTION_ADDRESS(number, str(proc)) == address
