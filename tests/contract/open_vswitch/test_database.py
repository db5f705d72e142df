# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans carried out on databases of Open vSwitch as Debian's releases have them, and read back: nothing is left to do.

The switch itself, which needs root, does not run; nor does the database's server where its file alone is read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import ovsdb
from ansible_collections.stackwright.nova.plugins.module_utils._clients.ovsdb import Ovsdb
from ansible_collections.stackwright.nova.plugins.module_utils._clients.systemd import Unit
from ansible_collections.stackwright.nova.plugins.module_utils._engine import process
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch import client
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.operation import OpenVswitch
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.parameters import (
    Desired,
    DesiredBridge,
    Services,
)
from ansible_collections.stackwright.nova.plugins.module_utils._open_vswitch.state import Link, VirtualBridge
from servers.debian import Tree, packages
from servers.program import run, serving

PLACES = {
    "ovsdb-server": "usr/sbin",
    "ovs-vsctl": "usr/bin",
    "ovsdb-client": "usr/bin",
    "ovsdb-tool": "usr/bin",
}
PROVIDER = Desired(
    (DesiredBridge("br-provider", "netdev", ("eth1",)),),
    {
        "other_config": {"userspace-tso-enable": "true", "odd.one": 'a "b"=c,d'},
        "external_ids": {"ovn-remote": "tcp:192.0.2.1:6642"},
    },
    frozenset({"ptcp:6640:127.0.0.1"}),
)


class Systemd:
    """Units of which the database's server alone runs, if ``serves``."""

    def __init__(self, serves: bool) -> None:
        self.serves = serves

    def units(self, names: Sequence[str]) -> dict[str, Unit]:
        running = Unit(True, True, "active", "running")
        return {
            name: running if self.serves and name == Services().database else Unit(True) for name in names
        }

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        pass


@pytest.fixture(scope="module", params=["bookworm", "trixie"])
def tree(request: pytest.FixtureRequest) -> Tree:
    """Its programs."""
    return packages(request.param, "openvswitch-switch", room="open_vswitch")


@pytest.fixture
def folder(tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a new database; the clients find the programs of the tree."""

    def run_command(argv: Sequence[str], **options: Any) -> process.Output:
        return process.run_command([*tree.command(f"{PLACES[argv[0]]}/{argv[0]}"), *argv[1:]], **options)

    monkeypatch.setattr(ovsdb, "run_command", run_command)
    links = {"eth1": Link(), "eth2": Link()}
    monkeypatch.setattr(client, "read_links", lambda names: {name: links[name] for name in names})
    schema = tree.root / "usr/share/openvswitch/vswitch.ovsschema"
    run([*tree.command("usr/bin/ovsdb-tool"), "create", str(tmp_path / "conf.db"), str(schema)])
    return tmp_path


@pytest.fixture
def database(tree: Tree, folder: Path) -> Iterator[Ovsdb]:
    """It, served."""
    socket = folder / "db.sock"
    words = [str(folder / "conf.db"), f"--remote=punix:{socket}", f"--unixctl={folder}/control"]

    def ask() -> None:
        if not socket.exists():
            raise FileNotFoundError(socket)

    with serving([*tree.command("usr/sbin/ovsdb-server"), *words], folder / "log", ask, FileNotFoundError):
        yield Ovsdb(str(folder / "conf.db"), str(socket), 20)


def operation(database: Ovsdb, folder: Path, desired: Desired, *, serves: bool = True) -> OpenVswitch:
    return OpenVswitch(
        desired,
        client.LocalSwitch(database, str(folder / "conf.db"), Systemd(serves)),  # type: ignore[arg-type]
    )


def converge(database: Ovsdb, folder: Path, desired: Desired) -> list[str]:
    """The transaction that leads to what is desired, after which there is none."""
    subject = operation(database, folder, desired)
    plan = subject.plan(subject.read())
    # Without the switch nothing is ever forwarded, and apply would wait for that.
    for step in plan.steps:
        step.call(subject.client)
    assert transactions(subject.plan(subject.read()).commands) == []
    return transactions(plan.commands)


def transactions(commands: Sequence[str]) -> list[str]:
    return [command for command in commands if command.startswith("ovs-vsctl")]


def test_from_nothing_to_a_bridge_and_back(database: Ovsdb, folder: Path) -> None:
    assert len(converge(database, folder, PROVIDER)) == 1
    state = operation(database, folder, PROVIDER).read()
    assert state.bridges == {"br-provider": VirtualBridge("netdev", frozenset({"eth1"}), ours=True)}
    assert (state.settings, state.managers) == (PROVIDER.settings, PROVIDER.managers)
    nothing = {name: dict.fromkeys(column) for name, column in PROVIDER.settings.items()}
    assert len(converge(database, folder, Desired((), nothing, frozenset()))) == 1
    gone = operation(database, folder, PROVIDER).read()
    assert (gone.bridges, gone.managers) == ({}, frozenset())
    assert not any(gone.settings.values())


def test_another_port_and_another_datapath(database: Ovsdb, folder: Path) -> None:
    converge(database, folder, PROVIDER)
    other = replace(PROVIDER, bridges=(DesiredBridge("br-provider", "system", ("eth2",)),))
    assert len(converge(database, folder, other)) == 1
    state = operation(database, folder, other).read()
    assert state.bridges == {"br-provider": VirtualBridge("system", frozenset({"eth2"}), ours=True)}


def test_what_somebody_else_has_made_stays(database: Ovsdb, folder: Path) -> None:
    database.change([["add-br", "br-ex"], ["add-port", "br-ex", "patch"]], wait=False)
    converge(database, folder, PROVIDER)
    database.change([["add-port", "br-provider", "phy"]], wait=False)
    assert converge(database, folder, PROVIDER) == []
    state = operation(database, folder, PROVIDER).read()
    assert state.bridges["br-ex"] == VirtualBridge("system", frozenset({"patch"}))
    assert state.bridges["br-provider"].ports == {"eth1", "phy"}


def test_a_refusal_changes_nothing(database: Ovsdb, folder: Path) -> None:
    with pytest.raises(CollectionError, match=r"Cannot configure Open vSwitch: .*no bridge named nowhere"):
        database.change([["add-br", "br-ex"], ["add-port", "nowhere", "eth1"]], wait=False)
    assert operation(database, folder, PROVIDER).read().bridges == {}


def test_the_file_is_read_where_nothing_runs(database: Ovsdb, folder: Path) -> None:
    converge(database, folder, PROVIDER)
    stopped = operation(database, folder, PROVIDER, serves=False)
    assert transactions(stopped.plan(stopped.read()).commands) == []


def test_a_database_that_was_never_started_is_empty(folder: Path) -> None:
    (folder / "conf.db").unlink()
    database = Ovsdb(str(folder / "conf.db"), str(folder / "db.sock"))
    fresh = operation(database, folder, PROVIDER, serves=False)
    assert fresh.plan(fresh.read()).commands[0] == "systemctl start ovsdb-server"
