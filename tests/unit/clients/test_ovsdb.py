# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Queries and transactions as the database's own programs take and print them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import ovsdb
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output

DATABASE = ovsdb.Ovsdb("/conf.db", "/db.sock", 5)
ROWS = (
    '[{"rows":[{"other_config":["map",[["a b","c=d"],["tso","true"]]]}]},'
    '{"rows":[{"name":"br","ports":["set",[["uuid","1"],["uuid","2"]]]},{"name":"b","ports":["uuid","3"]},'
    '{"name":"empty","ports":["set",[]]}]}]'
)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    calls: list[list[str]] = []

    def run(argv: list[str], **options: Any) -> Output:
        calls.append(argv)
        return Output(0, ROWS, "")

    monkeypatch.setattr(ovsdb, "run_command", run)
    return calls


@pytest.mark.parametrize(
    ("served", "program"),
    [
        (True, ["ovsdb-client", "query", "unix:/db.sock"]),
        (False, ["ovsdb-tool", "query", "/conf.db"]),
    ],
)
def test_tables_are_read_with_one_query(calls: list[list[str]], served: bool, program: list[str]) -> None:
    tables = DATABASE.select({"Open_vSwitch": ["other_config"], "Bridge": ["name", "ports"]}, served=served)
    assert tables == {
        "Open_vSwitch": [{"other_config": {"a b": "c=d", "tso": "true"}}],
        "Bridge": [
            {"name": "br", "ports": ["1", "2"]},
            {"name": "b", "ports": ["3"]},
            {"name": "empty", "ports": []},
        ],
    }
    ((*argv, query),) = calls
    assert argv == program
    database, *operations = json.loads(query)
    assert database == "Open_vSwitch"
    assert [(one["op"], one["table"], one["columns"]) for one in operations] == [
        ("select", "Open_vSwitch", ["other_config"]),
        ("select", "Bridge", ["name", "ports"]),
    ]


@pytest.mark.parametrize(("wait", "options"), [(True, []), (False, ["--no-wait"])])
def test_commands_are_one_transaction(calls: list[list[str]], wait: bool, options: list[str]) -> None:
    DATABASE.change([["add-br", "br"], ["add-port", "br", "eth1"]], wait=wait)
    words = [*options, "--", "add-br", "br", "--", "add-port", "br", "eth1"]
    assert calls == [["ovs-vsctl", "--db=unix:/db.sock", "--timeout=5", *words]]


def test_failures_say_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ovsdb, "run_command", lambda argv, **options: Output(1, "", "ovs-vsctl: no bridge\n"))
    with pytest.raises(
        CollectionError, match=r"Cannot configure Open vSwitch: ovs-vsctl: no bridge. See the logs"
    ):
        DATABASE.change([["del-br", "br"]], wait=True)
    with pytest.raises(
        CollectionError, match=r"Cannot read database of Open vSwitch: ovs-vsctl: no bridge. See whe"
    ):
        DATABASE.select({"Bridge": ["name"]}, served=True)
