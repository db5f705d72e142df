# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of OpenSSH with which compute hosts let each other in, from texts to texts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.client import program
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.operation import ComputePeers
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.parameters import (
    ARGUMENTS,
    Desired,
    desired,
)
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.places import RECEIVER
from ansible_collections.stackwright.nova.plugins.module_utils._compute_peers.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.files import StoredFile

KEYS, KNOWN, CLIENT = (f"/home/.ssh/{name}" for name in ("authorized_keys", "known_hosts", "config"))
TWO = {
    "name": "compute2",
    "address": "10.0.0.2",
    "nova_address": "192.0.2.2",
    "public_key": "ssh-ed25519 AAAA2",
    "host_keys": ["ssh-ed25519 HOST2", "ssh-rsa RSA2"],
}
THREE = {
    **TWO,
    "name": "compute3",
    "address": "10.0.0.3",
    "nova_address": None,
    "public_key": "ssh-ed25519 AAAA3",
}


def asked(*peers: dict[str, Any], **given: Any) -> Desired:
    defaults = {name: argument.get("default") for name, argument in ARGUMENTS.items()}
    return desired({**defaults, **given, "peers": peers})


class Files(dict[str, str]):
    """LocalPeerFiles that are a table."""

    def read(self, desired: Desired) -> State:
        return State("/home", program(), {path: StoredFile(text) for path, text in self.items()})

    def write(self, path: str, text: str, user: str) -> None:
        self[path] = text


def run(files: Files, *peers: dict[str, Any], **given: Any) -> list[str]:
    operation = ComputePeers(asked(*peers, **given), files)
    current = operation.read()
    plan = operation.plan(current)
    operation.apply(current, plan)
    return plan.commands


@pytest.fixture
def files() -> Files:
    return Files()


def test_a_peer_is_let_in_by_its_key_from_its_address_and_for_one_program(files: Files) -> None:
    run(files, TWO)
    assert files[KEYS] == (
        f'restrict,from="10.0.0.2",command="{RECEIVER} /var/lib/nova/instances /usr/bin/rrsync" '
        "ssh-ed25519 AAAA2 stackwright:compute2\n"
    )


def test_a_peer_is_known_by_its_host_keys_at_its_address(files: Files) -> None:
    run(files, TWO)
    assert files[KNOWN].splitlines() == [
        "10.0.0.2 ssh-ed25519 HOST2 stackwright:compute2",
        "10.0.0.2 ssh-rsa RSA2 stackwright:compute2",
    ]


def test_another_port_is_part_of_what_it_is_known_by(files: Files) -> None:
    run(files, TWO, ssh_port=2222)
    assert files[KNOWN].startswith("[10.0.0.2]:2222 ssh-ed25519 HOST2")
    assert "    Port 2222\n" in files[CLIENT]


def test_the_address_that_nova_names_leads_to_the_one_for_migrations(files: Files) -> None:
    run(files, TWO, THREE)
    assert "Host 192.0.2.2 10.0.0.2 # stackwright:compute2\n    HostName 10.0.0.2\n" in files[CLIENT]
    assert "Host 10.0.0.3 # stackwright:compute3\n    HostName 10.0.0.3\n" in files[CLIENT]


def test_the_program_is_isolated_from_what_its_user_installs(files: Files) -> None:
    run(files)
    assert files[RECEIVER].split("\n", 1)[0].endswith(" -I")
    compile(files[RECEIVER], RECEIVER, "exec")


def test_nothing_is_written_twice(files: Files) -> None:
    assert len(run(files, TWO, THREE)) == 4
    assert run(files, THREE, TWO) == []


def test_who_is_not_named_any_more_is_let_in_no_more(files: Files) -> None:
    run(files, TWO, THREE)
    run(files, THREE)
    assert not [text for text in files.values() if "compute2" in text]
    assert all("compute3" in files[path] for path in (KEYS, KNOWN, CLIENT))


def test_what_is_new_counts_also_of_one_that_is_kept(files: Files) -> None:
    run(files, TWO, THREE)
    run(files, {**TWO, "public_key": "ssh-ed25519 NEW2"}, kept=["compute2", "compute3"])
    assert "NEW2 stackwright:compute2" in files[KEYS]
    assert "AAAA2" not in files[KEYS]
    assert "AAAA3 stackwright:compute3" in files[KEYS]


def test_of_whom_nothing_new_is_known_all_stays(files: Files) -> None:
    run(files, TWO, THREE)
    before = dict(files)
    assert run(files, TWO, kept=["compute3", "compute4"]) == []
    assert files == before


def test_a_peer_that_is_known_wins_over_what_was_kept(files: Files) -> None:
    run(files, TWO)
    run(files, {**TWO, "address": "10.0.0.22"}, kept=["compute2"])
    assert "10.0.0.2 " not in files[KNOWN] and "10.0.0.22 " in files[KNOWN]


def test_lines_of_others_stay_where_they_are(files: Files) -> None:
    files[KEYS] = "ssh-rsa AAAA somebody@else\n"
    files[KNOWN] = "github.example ssh-rsa AAAA"
    files[CLIENT] = "Host *\n    Port 7\n"
    run(files, TWO)
    run(files, THREE)
    assert files[KEYS].startswith("ssh-rsa AAAA somebody@else\nrestrict,")
    assert files[KNOWN].startswith("github.example ssh-rsa AAAA\n10.0.0.3 ")
    # OpenSSH uses what it reads first.
    assert files[CLIENT].index("HostName 10.0.0.3") < files[CLIENT].index("Host *\n    Port 7\n")
    assert files[CLIENT].count("# Begin of") == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": '10.0.0.2",command="sh'},
        {"name": "two words"},
        {"nova_address": "a\nb"},
        {"public_key": "ssh-rsa A\nssh-rsa B"},
        {"host_keys": ['ssh-rsa "']},
    ],
)
def test_what_would_break_a_line_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(CollectionError, match="Cannot let in compute host"):
        asked({**TWO, **wrong})
