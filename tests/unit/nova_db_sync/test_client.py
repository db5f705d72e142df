# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._engine.redaction import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync import client, subprojects
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.client import HostClient
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.state import SchemaState
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import (
    SERVICES,
    DatabaseSchema,
)

NOVA = SERVICES["nova"]


def host() -> HostClient:
    return HostClient(Redactor(), print)


def installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nova's scripts, without Nova."""
    for schema in NOVA.schemas:
        versions = tmp_path / "nova" / schema.alembic
        versions.mkdir(parents=True, exist_ok=True)
        (versions / "a.py").write_text('revision = "a"\ndown_revision = None\n')
    (tmp_path / "nova" / "__init__.py").write_text("raise SystemExit('imported')\n")
    monkeypatch.setattr(client, "_package", lambda name: str(tmp_path / name))


def desired(tmp_path: Path, text: str, *schemas: str) -> Desired:
    path = tmp_path / "nova.conf"
    path.write_text(text)
    return Desired(NOVA, schemas, (str(path),), run_as="nobody")


@pytest.mark.parametrize(
    ("text", "schema", "section"),
    [
        ("", "main", "database"),
        ("[database]\nconnection = sqlite:////var/lib/nova/nova.sqlite\n", "main", "database"),
        ("[database]\nconnection = mysql://u:p@h/nova\n", "api", "api_database"),
        ("[database]\nconnection = mysql://u:p@h/nova\n", "cell0", "api_database"),
    ],
)
def test_a_configuration_without_a_database_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, schema: str, section: str
) -> None:
    installed(monkeypatch, tmp_path)
    with pytest.raises(UnreachableError, match=f"section {section} does not name a database server"):
        host().read(desired(tmp_path, text, schema))


def test_another_kind_of_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, tmp_path)
    with pytest.raises(CollectionError, match=r"postgresql is not supported\. Use MariaDB or MySQL"):
        host().read(desired(tmp_path, "[database]\nconnection = postgresql://u:p@h/nova\n", "main"))


@pytest.mark.parametrize("schema", ["main", "api", "cell0"])
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, schema: str
) -> None:
    installed(monkeypatch, tmp_path)
    url = "mysql+pymysql://nova:Sup3r@S3cretTail@db/nova"
    text = f"[api_database]\nconnection = {url}\n[database]\nconnection = {url}\n"
    for maps_cell0 in (False, True):
        with pytest.raises(CollectionError, match="Percent-encode user and password: @ as %40") as caught:
            host().read(replace(desired(tmp_path, text, schema), maps_cell0=maps_cell0))
        assert not any(piece in str(caught.value) for piece in ("Sup3r", "S3cret", "Tail"))


def test_an_unknown_schema(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    installed(monkeypatch, tmp_path)
    with pytest.raises(CollectionError, match=r"nova has no such schema\. Choose among api, main, cell0"):
        host().read(desired(tmp_path, "", "placement"))


def test_a_package_that_is_not_installed(tmp_path: Path) -> None:
    service = replace(NOVA, name="itnosuchservice")
    with pytest.raises(UnreachableError, match="Install the service's packages first"):
        host().read(replace(desired(tmp_path, ""), service=service))


NEUTRON = SERVICES["neutron"]
DIRECTORY = "db/migration/alembic_migrations"

# How the subprojects of Debian 12 name their tables: in env.py, or in the package around it.
OFFLINE = """
def offline():
    arguments = {{}}
    arguments["version_table"] = {table}
    context.configure(**arguments)
"""
ONLINE = """
def online(connection):
    context.configure(connection=connection, target_metadata=metadata, version_table={table})
"""
CONSTANT = "ENGINE = None\nDR_VERSION_TABLE = 'alembic_version_dr'\nconfig = context.config\n"


def both_ways(table: str) -> str:
    return OFFLINE.format(table=table) + ONLINE.format(table=table)


@pytest.mark.parametrize(
    ("env", "around", "table"),
    [
        (CONSTANT + both_ways("DR_VERSION_TABLE"), "", "alembic_version_dr"),
        (
            "from neutron_x.db.migration import alembic_migrations\nENGINE = None\n"
            + both_ways("alembic_migrations.X_VERSION_TABLE"),
            "X_VERSION_TABLE = 'alembic_version_x'\n",
            "alembic_version_x",
        ),
        (both_ways("'written_out'"), "", "written_out"),
        (ONLINE.format(table="TABLE"), "TABLE: str = 'annotated'\n", "annotated"),
        ("TABLE = OTHER\nOTHER = 'chained'\n" + both_ways("TABLE"), "", "chained"),
        ("context.configure(**{'version_table': VERSIONS})\nVERSIONS = 'in_a_dict'\n", "", "in_a_dict"),
        ("VERSION_TABLE = 'only_named'\nconfigure(context)\n", "", "only_named"),
        ("OLD_VERSION_TABLE = 'old'\n" + CONSTANT + both_ways("DR_VERSION_TABLE"), "", "alembic_version_dr"),
        (both_ways("TABLE"), "TABLE = TABLE\n", None),
        (both_ways("TABLES['x']"), "", None),
        ("A_VERSION_TABLE = 'a'\nB_VERSION_TABLE = 'b'\n", "", None),
        ("context.configure(connection=connection)\n", "", None),
        ("def broken(:\n", "", None),
        (None, "", None),
    ],
)
def test_the_version_table_of_a_subproject(
    tmp_path: Path, env: str | None, around: str, table: str | None
) -> None:
    (tmp_path / "__init__.py").write_text(around)
    if env is not None:
        (tmp_path / "env.py").write_text(env)
    assert subprojects.version_table(str(tmp_path)) == table


def subproject(tmp_path: Path, package: str, env: str, *revisions: str) -> None:
    home = tmp_path / package / DIRECTORY
    home.mkdir(parents=True)
    (home / "env.py").write_text(env)
    for revision in revisions:
        (home / "versions").mkdir(exist_ok=True)
        (home / "versions" / f"{revision}.py").write_text(f'revision = "{revision}"\ndown_revision = None\n')


@pytest.fixture
def neutron(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Neutron with three subprojects; of the last one, nobody can tell where it keeps its revision."""
    points = [
        ("neutron", "neutron.db.migration", "alembic_migrations"),
        ("neutron-dynamic-routing", "neutron_dynamic_routing.db.migration", "alembic_migrations"),
        ("tap-as-a-service", "neutron_taas.db.migration", "alembic_migrations"),
        ("vague", "vague.db.migration", "alembic_migrations"),
    ]
    subproject(tmp_path, "neutron", "", "n")
    subproject(tmp_path, "neutron_dynamic_routing", CONSTANT, "d")
    subproject(tmp_path, "neutron_taas", "TAAS_VERSION_TABLE = 'alembic_version_taas'\n")
    subproject(tmp_path, "vague", "", "v")
    monkeypatch.setattr(subprojects, "entry_points", lambda group: points)
    monkeypatch.setattr(client, "_package", lambda name: str(tmp_path / name))
    return tmp_path


def test_subprojects_bring_schemas_of_their_own(neutron: Path) -> None:
    names = ("main", "neutron-dynamic-routing", "tap-as-a-service")
    main, routing, tap = client._chosen(Desired(NEUTRON, names))
    assert main == NEUTRON.schemas[0]
    assert routing == DatabaseSchema(
        "neutron-dynamic-routing",
        ("--subproject", "neutron-dynamic-routing", "upgrade", "heads"),
        f"{DIRECTORY}/versions",
        version_table="alembic_version_dr",
        package="neutron_dynamic_routing",
    )
    assert str(client._code(routing, "", "nova")) == "d"
    assert SchemaState(tap, code=client._code(tap, "", "nova")).without_scripts


def test_a_subproject_whose_version_table_cannot_be_told(neutron: Path) -> None:
    with pytest.raises(CollectionError) as caught:
        client._chosen(Desired(NEUTRON))
    assert str(caught.value) == (
        f"Cannot read schema vague of neutron: {neutron}/vague/{DIRECTORY}/env.py does not say in which table "
        "the schema's revision is. Name the other ones in schemas, and sync it with neutron-db-manage itself."
    )
    assert caught.value.code == "unknown_version_table"


def test_a_subproject_that_is_not_there(neutron: Path) -> None:
    with pytest.raises(CollectionError, match="Choose among main, neutron-dynamic-routing, tap-as-a-service"):
        client._chosen(Desired(NEUTRON, ("main", "neutron-vpnaas")))


def test_a_subproject_on_a_host_without_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprojects, "entry_points", lambda group: [])
    absent = replace(NEUTRON, name="itnosuchservice")
    with pytest.raises(UnreachableError, match="Install the service's packages first"):
        host().read(Desired(absent, ("main", "neutron-dynamic-routing")))


@pytest.mark.parametrize(
    ("stderr", "said"),
    [
        ("the migration failed at step 7\n", "the migration failed at step 7"),
        (
            'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n'
            "pymysql.err.OperationalError: (1050, \"Table 'user' already exists\")\n"
            'Exception ignored in: <function _removeHandlerRef>\nTraceback (most recent call last):\n  File "b.py"\n',
            "pymysql.err.OperationalError: (1050, \"Table 'user' already exists\")",
        ),
        (
            "Exception ignored in: <function f>\nTypeError: no\n",
            "Exception ignored in: <function f> / TypeError: no",
        ),
        ("", "it printed nothing"),
    ],
)
def test_the_cause_is_what_the_program_said_and_not_where_it_stood(stderr: str, said: str) -> None:
    assert client._tail(Output(1, "", stderr)) == said


def test_what_failed_is_told_and_not_what_libraries_say() -> None:
    """As nova-manage does: warnings on one stream, its failure with the whole statement on the other."""
    stdout = (
        'An error has occurred:\nTraceback (most recent call last):\n  File "a.py", line 1, in f\n'
        "sqlalchemy.exc.OperationalError: (1050, \"Table 'cells' already exists\")\n"
        "[SQL: \nCREATE TABLE cells (\n)\n]\n"
        "(Background on this error at: https://sqlalche.me/e/14/e3q8)\n"
    )
    output = Output(255, stdout, "Modules with known eventlet monkey patching issues were imported\n")
    assert client._tail(output) == (
        "An error has occurred: / sqlalchemy.exc.OperationalError: (1050, \"Table 'cells' already exists\")"
    )


@pytest.mark.parametrize(
    ("version", "has_alembic", "code"),
    [
        # Victoria; Yoga, which has scripts for Alembic and does not use them; Zed, which still has the others.
        (18, False, "79"),
        (21, True, "79"),
        (22, True, "e1"),
    ],
)
def test_keystone_went_to_alembic_after_it_had_scripts_for_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: int, has_alembic: bool, code: str
) -> None:
    (schema,) = SERVICES["keystone"].schemas
    versions = tmp_path / schema.migrate[-3] / "versions"
    versions.mkdir(parents=True)
    (versions.parent / "migrate.cfg").write_text("[db_settings]\nrepository_id=keystone_expand\n")
    (versions / "079_expand.py").touch()
    if has_alembic:
        (tmp_path / schema.alembic).mkdir(parents=True)
        (tmp_path / schema.alembic / "e1.py").write_text('revision = "e1"\ndown_revision = None\n')
    monkeypatch.setattr(client, "_version", lambda distribution: version)
    assert str(client._code(schema, str(tmp_path), "keystone")) == code
