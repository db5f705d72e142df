# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the site's database server and its message queue held is there, and only Nova's has come to it."""

from __future__ import annotations

from typing import Any

import pytest

testinfra_hosts = ["ansible://controller"]

Record = dict[str, Any]

# Heartbeats.
_ALIVE = {"neutron.agents"}


@pytest.mark.parametrize("schema", ["keystone", "glance", "placement", "neutron"])
def test_databases_hold_what_they_held(before: Record, after: Record, schema: str) -> None:
    """Nova's user, its resources and deleted instances come to them; nothing of theirs changes or goes."""
    tables = {name: table for name, table in before["tables"].items() if name.startswith(f"{schema}.")}
    assert tables
    now = after["tables"]
    assert {name for name in now if name.startswith(f"{schema}.")} == set(tables)
    assert [name for name in tables if now[name]["made"] != tables[name]["made"]] == []
    lost = {name: set(tables[name]["rows"]) - set(now[name]["rows"]) for name in set(tables) - _ALIVE}
    assert {name: rows for name, rows in lost.items() if rows} == {}


def test_only_nova_has_come_to_the_database_server(before: Record, after: Record) -> None:
    schemas = [{name.split(".")[0] for name in record["tables"]} for record in (before, after)]
    assert schemas[1] - schemas[0] == {"nova", "nova_api", "nova_cell0"}
    kept = before["accounts"]
    assert {account: after["accounts"].get(account) for account in kept} == kept
    assert set(after["accounts"]) - set(kept) == {"nova@%", "nova@localhost"}


def test_accounts_of_the_message_queue_are_the_same(before: Record, after: Record) -> None:
    assert after["broker"] == before["broker"]
