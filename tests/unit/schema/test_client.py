# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.engine.errors import (
    CollectionError,
    UnreachableError,
)
from ansible_collections.stackwright.nova.plugins.module_utils.engine.redact import Redactor
from ansible_collections.stackwright.nova.plugins.module_utils.schema import client
from ansible_collections.stackwright.nova.plugins.module_utils.schema.catalogue import SERVICES
from ansible_collections.stackwright.nova.plugins.module_utils.schema.client import (
    HostClient,
    migration_counts,
)
from ansible_collections.stackwright.nova.plugins.module_utils.schema.planning import Desired

NOVA = SERVICES["nova"]


TABLE = """Running batches of 50 until complete
3 rows matched query fill_virtual_interface_list, 3 migrated
+---------------------------------------------+--------------+-----------+
|                  Migration                  | Total Needed | Completed |
+---------------------------------------------+--------------+-----------+
|         fill_virtual_interface_list         |      3       |     3     |
|         populate_user_id                    |      10      |     4     |
+---------------------------------------------+--------------+-----------+
"""


def test_counts() -> None:
    assert migration_counts(TABLE) == {"needed": 13, "completed": 7, "remaining": 6}
    assert migration_counts("") == {"needed": 0, "completed": 0, "remaining": 0}


def host(*, cell0: str | None = None) -> HostClient:
    return HostClient(Redactor(), "nobody", cell0)


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
    return Desired(NOVA, schemas, (str(path),))


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


def test_an_unknown_schema(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"nova has no such schema\. Choose among api, main, cell0"):
        host().read(desired(tmp_path, "", "placement"))


def test_a_package_that_is_not_installed(tmp_path: Path) -> None:
    service = replace(NOVA, name="itnosuchservice")
    with pytest.raises(UnreachableError, match="Install the service's packages first"):
        host().read(replace(desired(tmp_path, ""), service=service))


def test_subprojects_bring_schemas_of_their_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    points = [
        ("neutron", "neutron.db.migration", "alembic_migrations"),
        ("neutron-dynamic-routing", "neutron_dynamic_routing.db.migration", "alembic_migrations"),
        ("plain", "plain.db", "migrations"),
    ]
    for package, directory, text in (
        (
            "neutron_dynamic_routing",
            "db/migration/alembic_migrations",
            "VERSION_TABLE = 'alembic_version_bgp'\n",
        ),
        ("plain", "db/migrations", "VERSION_TABLE = VERSION_TABLES['x']\n"),
    ):
        home = tmp_path / package / directory
        home.mkdir(parents=True)
        (home / "env.py").write_text(text)
    monkeypatch.setattr(client, "_entry_points", lambda group: points)
    monkeypatch.setattr(client, "_package", lambda name: str(tmp_path / name))
    schemas = client._chosen(Desired(SERVICES["neutron"]))
    assert [schema.name for schema in schemas] == ["main", "neutron-dynamic-routing", "plain"]
    routing = schemas[1]
    assert routing.version_table == "alembic_version_bgp"
    assert routing.package == "neutron_dynamic_routing"
    assert routing.alembic == "db/migration/alembic_migrations/versions"
    assert routing.sync == ("--subproject", "neutron-dynamic-routing", "upgrade", "heads")
    assert schemas[2].version_table == "alembic_version"
