# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client of a host: real databases, real configuration files, a program of the tests' own."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync import subprojects
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.operation import NovaDbSync
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import Stamp
from fakes.recorder import calls
from fakes.schema import FakeSchemas

PASSWORD = "p@ss/w%rd$x"
QUOTED = quote(PASSWORD, safe="")
VARIABLE = 'OS_DATABASE__CONNECTION="$ITNOVA_CONNECTION" '


def converge(client: Any, desired: Desired) -> tuple[list[str], dict[str, Any]]:
    """Bring the schemas to their heads: the steps that it took, by schema, and the outcome."""
    warnings: list[str] = []
    operation = NovaDbSync(desired, client, warnings.append)
    current = operation.read()
    decided = operation.plan(current)
    outcome = operation.apply(current, decided) if decided.steps else decided.result
    assert not operation.plan(operation.read()).changed
    steps = [arguments[-1] if name == "sync" else name for name, arguments, _options in calls(decided)]
    return steps, {**outcome, "warnings": warnings}


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_first_sync_and_again(host: Any, kind: str) -> None:
    client, desired = (host.client(), host.desired) if kind == "real" else (FakeSchemas(), fake_desired(host))
    steps, outcome = converge(client, desired)
    assert steps == ["api", "main", "cell0"]
    assert {name: schema["revision"] for name, schema in outcome["schemas"].items()} == {
        "api": "second",
        "main": "second",
        "cell0": "second",
    }
    assert converge(client, desired)[0] == []


@pytest.mark.parametrize("kind", ["fake", "real"])
def test_only_what_is_behind(host: Any, kind: str) -> None:
    client, desired = (host.client(), host.desired) if kind == "real" else (FakeSchemas(), fake_desired(host))
    converge(client, replace(desired, schemas=("main", "cell0")))
    assert converge(client, desired)[0] == ["api"]


def test_a_first_sync_that_was_cut_is_started_again(host: Any) -> None:
    """The tables of the first migrations are there, and a stamp of an earlier one, but no row in any of them."""
    host.stamp("it_api", "first")
    host.server.query("CREATE TABLE it_api.made (id int)")
    host.server.query("CREATE TABLE it_api.later (id int PRIMARY KEY)")
    host.server.query("CREATE TABLE it_api.refers (id int, FOREIGN KEY (id) REFERENCES it_api.later (id))")
    converge(host.client(), host.desired)
    tables = {name for row in host.server.query("SHOW TABLES IN it_api") for name in row.values()}
    assert tables == {"made", "alembic_version"}
    assert host.warnings == [
        "Database it_api had 4 tables of a sync that was cut, without a row. They were dropped, and the sync "
        "started again."
    ]


def test_tables_with_a_row_are_nobodys_remains(host: Any) -> None:
    host.stamp("it_api", "first")
    host.server.query("CREATE TABLE it_api.made (id int)")
    host.server.query("INSERT INTO it_api.made VALUES (7)")
    with pytest.raises(CollectionError, match="already exists"):
        converge(host.client(), host.desired)
    assert host.server.query("SELECT id FROM it_api.made") == [{"id": 7}]
    assert host.warnings == []


def fake_desired(host: Any) -> Desired:
    return replace(host.desired, service=replace(host.desired.service, name="nova"))


def test_the_program_is_called_for_what_is_behind(host: Any) -> None:
    host.stamp("it_api", "second")
    host.stamp("it", "first")
    host.stamp("it_cell0", "second")
    assert converge(host.client(), host.desired)[0] == ["main"]
    assert host.calls == ["db sync --local_cell"]


def test_cell0_gets_its_own_url_outside_argv(host: Any) -> None:
    host.stamp("it_api", "second")
    host.stamp("it", "second")
    converge(host.client(), host.desired)
    assert host.calls == ["db sync --local_cell"]
    assert host.server.query("SELECT version_num FROM it_cell0.alembic_version") == [
        {"version_num": "second"}
    ]


@pytest.mark.parametrize("password", [PASSWORD, "plain"])
def test_a_program_that_cannot_read_percent_signs(host: Any, password: str) -> None:
    host.server.query("CREATE DATABASE `it$plain`")
    host.server.query("CREATE OR REPLACE USER it_plain@'%%' IDENTIFIED BY %s", (password,))
    host.server.query("GRANT ALL PRIVILEGES ON `it%%`.* TO it_plain@'%%'")
    url = host.url("it$plain").replace(f"it:{QUOTED}", f"it_plain:{quote(password, safe='')}")
    escaped = url.replace("$", "\\$")
    (host.home / "it.conf").write_text(f"[database]\nconnection = {escaped}\n")
    schema = replace(host.desired.service.schemas[1], sync=("db", "sync", "--no-percent"), plain_url=True)
    desired = replace(host.desired, service=replace(host.desired.service, schemas=(schema,)))
    operation = NovaDbSync(desired, host.client(), print)
    in_environment = operation.plan(operation.read()).commands[0].startswith(VARIABLE)
    assert in_environment == ("%" in url)
    assert converge(host.client(), desired)[0] == ["main"]
    assert host.calls == ["db sync --no-percent"]


@pytest.mark.parametrize(
    "mapping",
    ["{whole}", "{scheme}://{username}:{password}@{hostname}:{port}/it_elsewhere"],
    ids=["written out", "template"],
)
def test_cell0_is_where_its_mapping_says(host: Any, mapping: str) -> None:
    host.server.query("CREATE DATABASE it_elsewhere")
    host.map_cell0(mapping.replace("{whole}", host.url("it_elsewhere")))
    _steps, outcome = converge(host.client(), host.desired)
    assert outcome["schemas"]["cell0"]["database"] == "it_elsewhere"
    assert host.server.query("SHOW TABLES IN it_cell0") == []


def test_cell0_is_where_the_task_says(host: Any) -> None:
    host.server.query("CREATE DATABASE it_given")
    host.map_cell0(host.url("it_elsewhere"))
    _steps, outcome = converge(host.client(), host.desired_with(host.url("it_given")))
    assert outcome["schemas"]["cell0"]["database"] == "it_given"


def test_a_newer_database(host: Any) -> None:
    host.stamp("it", "third")
    state = host.client().read(host.desired)
    with pytest.raises(
        CollectionError, match="database it is newer than the installed code: it has revision third"
    ):
        plan(host.desired, state)


def test_stamps_of_both_kinds_and_none(host: Any) -> None:
    host.server.query("CREATE TABLE it.migrate_version (repository_id varchar(250), version int)")
    host.server.query("INSERT INTO it.migrate_version VALUES ('nova', 402)")
    host.stamp("it_api")
    schemas = host.client().read(host.desired).schemas
    assert {name: schema.stamp for name, schema in schemas.items()} == {
        "api": Stamp(),
        "main": Stamp(migrate={"nova": 402}),
        "cell0": Stamp(),
    }
    assert all(schema.behind for schema in schemas.values())


def test_a_subproject_has_a_table_of_its_own(host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    versions = host.home / "packages" / "itsub" / "db" / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions.parents[2] / "__init__.py").write_text("raise SystemExit('imported')\n")
    (versions.parent / "env.py").write_text("SUB_VERSION_TABLE = 'alembic_version_sub'\n")
    for revision in ("x", "y"):
        (versions / f"{revision}.py").write_text(f'revision = "{revision}"\ndown_revision = None\n')
    points = [("itsub", "itsub.db", "migrations")]
    monkeypatch.setattr(subprojects, "entry_points", lambda group: points)
    host.stamp("it", "second")
    host.stamp("it", "x", table="alembic_version_sub")
    service = replace(host.desired.service, migration_plugins="it")
    schemas = host.client().read(replace(host.desired, service=service, schemas=("main", "itsub"))).schemas
    assert (schemas["main"].behind, schemas["itsub"].behind) == (False, True)
    assert (str(schemas["itsub"].stamp), str(schemas["itsub"].code)) == ("x", "x, y")
    host.stamp("it", "x", "y", table="alembic_version_sub")
    state = host.client().read(replace(host.desired, service=service, schemas=("itsub",)))
    assert not plan(host.desired, state).steps


def test_a_missing_database(host: Any) -> None:
    host.server.query("DROP DATABASE it_cell0")
    with pytest.raises(
        UnreachableError, match="Cannot read database it_cell0: user it sees no such database"
    ):
        host.client().read(host.desired)


def test_a_template_for_cell0(host: Any) -> None:
    template = "{scheme}://{username}:{password}@{hostname}:{port}/it_zero"
    host.server.query("CREATE DATABASE it_zero")
    state = host.client().read(host.desired_with(template))
    assert state.schemas["cell0"].database == "it_zero"
    with pytest.raises(CollectionError, match=r"cell cell0: its database connection asks for .*\{port7\}"):
        host.client().read(host.desired_with(template + "{port7}"))


def test_a_refused_login(host: Any) -> None:
    wrong = host.url("it_cell0").replace("it:", "it:x")
    with pytest.raises(CollectionError, match="Access denied") as caught:
        host.client().read(host.desired_with(wrong))
    assert caught.value.code == "access_denied"


def test_no_server(host: Any) -> None:
    nowhere = host.url("it_cell0").replace(str(host.server.port), "1")
    with pytest.raises(UnreachableError, match="Start the server, or correct its address"):
        host.client().read(host.desired_with(nowhere))


def test_a_program_that_fails(host: Any) -> None:
    (host.home / "broken").touch()
    with pytest.raises(CollectionError) as caught:
        converge(host.client(), host.desired)
    assert "ended with status 1: the migration failed at step 7." in str(caught.value)
    assert caught.value.code == "command_failed"
    assert caught.value.details["stderr"] == "the migration failed at step 7\n"


def test_online_data_migrations(host: Any) -> None:
    host.write_program(populate_x=[(50, 50), (5, 5), (0, 0)], populate_y=[(0, 0)])
    desired = replace(host.desired, online_data_migrations=True)
    steps, outcome = converge(host.client(), desired)
    assert steps == ["api", "main", "cell0", "migrate_online"]
    assert outcome["online_data_migrations"] == {"needed": 55, "completed": 55, "remaining": 0}
    assert outcome["warnings"] == []


def test_online_data_migrations_that_leave_rows(host: Any) -> None:
    host.write_program(populate_x=[(50, 50), (5, 5), (0, 0)], populate_y=[(3, 0)])
    _steps, outcome = converge(host.client(), replace(host.desired, online_data_migrations=True))
    assert outcome["online_data_migrations"] == {"needed": 58, "completed": 55, "remaining": 3}
    assert len(outcome["warnings"]) == 1
    assert "populate_y (3 rows)" in outcome["warnings"][0]


def test_online_data_migrations_that_fail(host: Any) -> None:
    host.write_program(populate_x=[(2, 2), (0, 0)], populate_y=[None])
    with pytest.raises(CollectionError) as caught:
        converge(host.client(), replace(host.desired, online_data_migrations=True))
    assert str(caught.value).startswith("Cannot migrate data of itnova: populate_y failed. See the log of ")
    details = caught.value.details
    assert details["failed_migrations"] == ["populate_y"]
    assert details["online_data_migrations"] == {"needed": 2, "completed": 2, "remaining": 0}
    assert details["changed"] is True
    assert "Some migrations failed unexpectedly" in details["stdout"]
