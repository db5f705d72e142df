# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.client import SqlInventory
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import Settings
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import Cell


def test_each_url_from_its_place(tmp_path: Path) -> None:
    path = tmp_path / "nova.conf"
    path.write_text(
        "[DEFAULT]\ntransport_url = rabbit://o:s3cret@mq/\n"
        "[database]\nconnection = mysql://n:s3cret@db/nova\n"
        "[api_database]\nconnection = mysql://n:s3cret@db/nova_api\n"
    )
    settings = SqlInventory(str(path)).read_settings()
    assert settings == Settings(
        str(path), "mysql://n:s3cret@db/nova_api", "mysql://n:s3cret@db/nova", "rabbit://o:s3cret@mq/"
    )
    assert settings.urls == (settings.api_connection, settings.connection, settings.transport_url)
    assert "s3cret" not in repr(settings)


def test_the_uuid_of_a_cell_that_was_made_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = (Cell("cell1", "u1", None, None), Cell("cell2", "u2", None, None))
    inventory = SqlInventory("/etc/nova/nova.conf")
    monkeypatch.setattr(inventory, "read_settings", lambda: Settings("", "mysql://db/nova_api"))
    monkeypatch.setattr(inventory, "cells_and_hosts", lambda api: (cells, {}))
    assert inventory.uuid_of("cell2") == "u2"
    with pytest.raises(CollectionError, match="Cannot find cell cell3: nova-manage reported success, but"):
        inventory.uuid_of("cell3")
