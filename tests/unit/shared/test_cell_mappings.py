# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._clients.sql import Login, SqlConnections
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import (
    CELL0_UUID,
    Cell,
    read_cell0_connection,
    read_cells,
)
from ansible_collections.stackwright.nova.plugins.module_utils._shared.database_url import parse

API = parse("mysql+pymysql://nova:s3cret@db/nova`api", "a test")
ROW = {
    "id": 2,
    "uuid": "u1",
    "name": None,
    "transport_url": "rabbit://mq/",
    "database_connection": "mysql://db/x",
}


class Answers(SqlConnections):
    """Answers each statement with these rows."""

    def __init__(self, *rows: Any) -> None:
        super().__init__()
        self.answer = list(rows)
        self.statements: list[str] = []

    def _fetch(self, login: Login, statement: str, values: Sequence[Any], *, as_mappings: bool) -> list[Any]:
        assert login == API.login
        self.statements.append(statement)
        return self.answer


@pytest.mark.parametrize(
    ("more", "disabled"), [({}, False), ({"disabled": 0}, False), ({"disabled": 1}, True)]
)
def test_cells_of_old_and_new_releases(more: dict[str, Any], disabled: bool) -> None:
    connections = Answers({**ROW, **more})
    (cell,) = read_cells(connections, API)
    assert cell == Cell("", "u1", "rabbit://mq/", "mysql://db/x", disabled, 2)
    assert (cell.key, cell.title, cell.is_cell0) == ("u1", "u1", False)
    assert connections.statements == ["SELECT * FROM `nova``api`.cell_mappings ORDER BY id"]


def test_a_cell_that_is_yet_to_be_made() -> None:
    cell = Cell("cell1", None, "rabbit://o:s3cret@mq/", "mysql://n:s3cret@db/x")
    assert (cell.key, cell.title) == ("cell1", "cell1")
    assert "s3cret" not in repr(cell)


def test_the_connection_of_cell0() -> None:
    connections = Answers(("mysql://db/nova_cell0",))
    assert read_cell0_connection(connections, API) == "mysql://db/nova_cell0"
    assert CELL0_UUID in connections.statements[0]
    assert read_cell0_connection(Answers(), API) is None
