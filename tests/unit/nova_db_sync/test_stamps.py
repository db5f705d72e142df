# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stamps that the service's own account does not see, because its grants are yet to be fixed."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients import sql
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.stamps import StampReader
from ansible_collections.stackwright.nova.plugins.module_utils._shared.database_url import parse
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES

(SCHEMA,) = SERVICES["glance"].schemas
PLACES = {SCHEMA: parse("mysql+pymysql://glance:s3cret@db/glance", "a test")}
ADMINISTRATOR = Login("root", host="db")


class Server:
    """Shows the database glance to its administrator alone, where it is there at all."""

    def __init__(self, there: bool) -> None:
        self.there = there

    def connect(self, login: Login) -> Any:
        server, sees = self, self.there and login == ADMINISTRATOR

        class Cursor:
            def __init__(self, *_kind: Any) -> None:
                self.rows: list[tuple[Any, ...]] = []

            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_reason: object) -> None:
                assert server

            def execute(self, statement: str, _values: Any) -> None:
                if "schemata" in statement:
                    self.rows = [("glance",)] if sees else []
                elif "tables" in statement:
                    self.rows = [("glance", SCHEMA.version_table)] if sees else []
                else:
                    self.rows = [("glance", SCHEMA.version_table, "abc", 0)]

            def fetchall(self) -> list[tuple[Any, ...]]:
                return self.rows

        class Connection:
            cursor = Cursor

        return Connection()


@pytest.mark.parametrize("administrator", [None, ADMINISTRATOR])
def test_a_database_that_is_not_there(monkeypatch: pytest.MonkeyPatch, administrator: Login | None) -> None:
    monkeypatch.setattr(sql, "connect", Server(there=False).connect)
    with pytest.raises(UnreachableError, match="user glance sees no such database on db:3306"):
        StampReader(administrator).read(PLACES)


def test_a_database_that_only_the_administrator_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "connect", Server(there=True).connect)
    with pytest.raises(UnreachableError, match="user glance sees no such database on db:3306"):
        StampReader().read(PLACES)
    reader = StampReader(ADMINISTRATOR)
    assert reader.read(PLACES)["main"].alembic == {"abc"}
    assert ["sees no such database" in str(refusal) for refusal in reader.refusals] == [True]
