# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module with the installed nova-manage and Nova's own schemas and data migrations."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync import client
from ansible_collections.stackwright.nova.plugins.modules import cell_v2, nova_db_sync
from fakes.modules import run_module

Run = Callable[..., dict[str, Any]]
FIND = "import importlib.util, os; print(os.path.dirname(importlib.util.find_spec('nova').origin))"


@pytest.fixture
def config_file(host: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The configuration of a Nova with its own databases."""
    program = shutil.which("nova-manage")
    assert program, "install nova-common: this test runs the real nova-manage"
    python = Path(program).read_text().splitlines()[0].removeprefix("#!").strip()
    package = subprocess.run([python, "-c", FIND], check=True, capture_output=True, text=True, cwd="/").stdout
    monkeypatch.setattr(client, "_package", lambda name: package.strip())
    path = tmp_path / "nova.conf"
    escaped = {name: host.url(name).replace("$", "\\$") for name in ("it", "it_api")}
    path.write_text(
        f"[DEFAULT]\nstate_path = {tmp_path}\ntransport_url = rabbit://it:r%40bbit@mq:5672/\n"
        f"[api_database]\nconnection = {escaped['it_api']}\n[database]\nconnection = {escaped['it']}\n"
    )
    return str(path)


@pytest.fixture
def run(host: Any, config_file: str) -> Run:
    """The module, for these databases."""

    def run(**params: Any) -> dict[str, Any]:
        return run_module(
            nova_db_sync,
            config_file=config_file,
            run_as=getpass.getuser(),
            cell0_connection=host.url("it_cell0"),
            **params,
        )

    return run


def test_schemas_and_data(host: Any, run: Run) -> None:
    predicted = run(check=True)
    done = run()
    assert len(predicted["commands"]) == 3
    assert done["commands"] == predicted["commands"]
    assert done["schemas"] == predicted["schemas"]
    for name, schema in done["schemas"].items():
        assert schema["revision"] == schema["head"], name
    assert not run()["changed"]

    # More than one batch that Nova can migrate, and instances without a cell, which it cannot.
    for _number in range(60):
        host.server.query("INSERT INTO it.migrations (deleted) VALUES (0)")
    for number in range(3):
        host.server.query(
            "INSERT INTO it_api.instance_mappings (instance_uuid, project_id) VALUES (%s, 'p')", (number,)
        )
    done = run(online_data_migrations=True)
    assert done["changed"]
    assert done["online_data_migrations"] == {"needed": 63, "completed": 60, "remaining": 3}
    assert "populate_user_id (3 rows)" in done["warnings"][0]
    assert host.server.query("SELECT COUNT(*) AS n FROM it.migrations WHERE uuid IS NULL") == [{"n": 0}]

    again = run(online_data_migrations=True)
    assert not again["changed"]
    assert again["online_data_migrations"] == {"needed": 3, "completed": 0, "remaining": 3}


def test_schemas_and_cells_in_one(host: Any, config_file: str) -> None:
    def run(**params: Any) -> dict[str, Any]:
        return run_module(
            cell_v2, config_file=config_file, run_as=getpass.getuser(), sync_schemas=True, diff=True, **params
        )

    predicted = run(check=True)
    done = run()
    assert [len(result["commands"]) for result in (predicted, done)] == [5, 5]
    for key in ("commands", "diff", "schemas"):
        assert predicted[key] == done[key], key
    for name, schema in done["schemas"].items():
        assert schema["revision"] == schema["head"], name
    cells = "SELECT name, database_connection AS url FROM it_api.cell_mappings ORDER BY id"
    mapped = [
        {"name": "cell0", "url": host.url("it_cell0")},
        {"name": "cell1", "url": host.url("it")},
    ]
    assert host.server.query(cells) == mapped
    assert host.server.query("SELECT COUNT(*) AS n FROM it_cell0.instances") == [{"n": 0}]
    again = run()
    assert (again["changed"], again["commands"], again["cells"]) == (False, [], done["cells"])

    # The mapping of cell0 still has the old password: its schema is looked at where it will be.
    host.server.query(
        "UPDATE it_api.cell_mappings SET database_connection = REPLACE(database_connection, 'it:', 'it:x')"
    )
    host.server.query("DROP DATABASE it_cell0")
    host.server.query("CREATE DATABASE it_cell0")
    predicted = run(check=True)
    healed = run()
    assert predicted["commands"] == healed["commands"]
    assert [command.split(" nova-manage ")[0].split()[-1] for command in healed["commands"][:1]] == [
        'OS_DATABASE__CONNECTION="$CELL0_CONNECTION"'
    ]
    assert [command.split()[2] for command in healed["commands"][1:]] == ["update_cell", "update_cell"]
    assert host.server.query(cells) == mapped
    assert not run()["changed"]
