# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import UnreachableError
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.operation import NovaDbSync
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import (
    AlembicCode,
    Stamp,
)
from ansible_collections.stackwright.nova.plugins.modules import nova_db_sync
from fakes.modules import run_module
from fakes.schema import FakeSchemas

MANAGE = "nova-manage --config-file /etc/nova/nova.conf"
API = f"{MANAGE} api_db sync"
MAIN = f"{MANAGE} db sync --local_cell"
CELL0 = f'OS_DATABASE__CONNECTION="$CELL0_CONNECTION" {MAIN}'
ONLINE = f"{MANAGE} db online_data_migrations"
HEAD = Stamp(frozenset({"second"}))
URL = "mysql+pymysql://nova:s%40cret@db/nova_cell0"


def run(host: FakeSchemas, **params: Any) -> dict[str, Any]:
    def prepare(operation: NovaDbSync) -> None:
        operation.client = host

    result = run_module(nova_db_sync, prepare, **params)
    assert "s%40cret" not in json.dumps(result)
    assert "s@cret" not in json.dumps(result)
    return result


def both(host: FakeSchemas, **params: Any) -> dict[str, Any]:
    """Check mode first, then for real: the same commands and diff."""
    before = list(host.synced)
    predicted = run(host, check=True, diff=True, **params)
    assert host.synced == before
    done = run(host, diff=True, **params)
    for key in ("changed", "commands", "diff", "schemas"):
        assert predicted[key] == done[key]
    return done


def test_first_sync_and_again() -> None:
    schemas = FakeSchemas()
    done = both(schemas, cell0_connection=URL)
    assert done["changed"]
    assert done["commands"] == [API, MAIN, CELL0]
    assert schemas.synced == ["api", "main", "cell0"]
    settled = {"revision": "second", "head": "second", "behind": False}
    assert done["schemas"] == {
        name: {"database": f"it_{name}", **settled} for name in ("api", "main", "cell0")
    }
    assert json.loads(done["diff"]["before"]) == {"api": None, "main": None, "cell0": None}
    assert json.loads(done["diff"]["after"]) == {"api": "second", "main": "second", "cell0": "second"}
    again = both(schemas)
    assert (again["changed"], again["commands"]) == (False, [])
    assert again["schemas"] == done["schemas"]


def test_only_what_is_behind() -> None:
    schemas = FakeSchemas({"api": HEAD, "main": Stamp(frozenset({"first"})), "cell0": HEAD})
    done = both(schemas)
    assert done["commands"] == [MAIN]
    assert json.loads(done["diff"]["before"])["main"] == "first"


def test_only_what_is_named() -> None:
    done = both(FakeSchemas(), schemas=["cell0", "api"])
    assert sorted(done["schemas"]) == ["api", "cell0"]


@pytest.mark.parametrize(
    ("service", "command"),
    [
        ("keystone", "keystone-manage --config-file /etc/keystone/keystone.conf db_sync"),
        ("glance", "glance-manage --config-file /etc/glance/glance-api.conf db_sync"),
        ("placement", "placement-manage --config-file /etc/placement/placement.conf db sync"),
        (
            "neutron",
            "neutron-db-manage --config-file /etc/neutron/neutron.conf "
            "--config-file /etc/neutron/plugins/ml2/ml2_conf.ini --subproject neutron upgrade heads",
        ),
    ],
)
def test_the_neighbours(service: str, command: str) -> None:
    assert both(FakeSchemas(), service=service)["commands"] == [command]


def test_other_configuration_files() -> None:
    done = run(FakeSchemas(), service="neutron", config_file="/a b.conf", other_files=[])
    assert done["commands"] == [
        "neutron-db-manage --config-file '/a b.conf' --subproject neutron upgrade heads"
    ]


def test_a_newer_database_is_left_alone() -> None:
    schemas = FakeSchemas({"api": HEAD, "main": Stamp(frozenset({"third"})), "cell0": Stamp()})
    failed = run(schemas)
    assert failed["msg"] == (
        "Cannot sync schema main of nova: database it_main is newer than the installed code: it has revision third, "
        "the code ends at second. Install the release of nova that the database was migrated to; "
        "schemas never go back."
    )
    assert (failed["code"], failed["revision"], failed["head"]) == ("schema_newer", "third", "second")
    assert schemas.synced == []


def test_a_sync_without_effect() -> None:
    failed = run(FakeSchemas(lost=["main"]))
    assert failed["code"] == "not_effective"
    assert failed["msg"].startswith("Cannot sync schema main of nova: the program reported success")
    assert failed["schemas"]["main"]["behind"]
    assert (failed["changed"], failed["commands"]) == (True, [API, MAIN, CELL0])
    assert "failed_command" not in failed


def test_a_failure_says_what_was_done_before_it() -> None:
    failed = run(FakeSchemas(broken="cell0"))
    assert (failed["changed"], failed["commands"], failed["failed_command"]) == (True, [API, MAIN], CELL0)


def test_online_data_migrations_change_only_what_they_migrate() -> None:
    schemas = FakeSchemas({"api": HEAD, "main": HEAD, "cell0": HEAD}, rows=7)
    predicted = run(schemas, check=True, online_data_migrations=True)
    assert (predicted["changed"], predicted["commands"]) == (False, [ONLINE])
    assert "online_data_migrations" not in predicted
    done = run(schemas, online_data_migrations=True)
    assert (done["changed"], done["commands"]) == (True, [ONLINE])
    assert done["online_data_migrations"] == {"needed": 7, "completed": 7, "remaining": 0}
    again = run(schemas, online_data_migrations=True)
    assert (again["changed"], again["commands"]) == (False, [ONLINE])
    assert again["online_data_migrations"]["needed"] == 0


def test_rows_that_cannot_be_migrated_are_a_warning() -> None:
    schemas = FakeSchemas(
        {"api": HEAD, "main": HEAD, "cell0": HEAD}, rows=2, stuck={"fill_x": 7, "fill_y": 1}
    )
    done = run(schemas, online_data_migrations=True)
    assert done["changed"]
    assert done["online_data_migrations"] == {"needed": 10, "completed": 2, "remaining": 8}
    assert done["warnings"] == [
        "Online data migrations of nova could not migrate all they found: fill_x (7 rows), fill_y (1 rows). "
        "See the log of nova-manage before the next upgrade."
    ]
    again = run(schemas, online_data_migrations=True)
    assert not again["changed"]
    assert "warnings" in again


def test_online_data_migrations_come_after_the_schemas() -> None:
    done = run(FakeSchemas(), online_data_migrations=True)
    assert done["changed"]
    assert done["commands"] == [API, MAIN, CELL0, ONLINE]


def test_a_url_that_the_program_would_misread() -> None:
    assert both(FakeSchemas(misread=True), service="keystone")["commands"] == [
        'OS_DATABASE__CONNECTION="$KEYSTONE_CONNECTION" '
        "keystone-manage --config-file /etc/keystone/keystone.conf db_sync"
    ]


def test_services_without_cell0() -> None:
    failed = run(FakeSchemas(), service="keystone", cell0_connection=URL)
    assert failed["msg"] == (
        "Cannot sync schemas of keystone: this service has no cell0. Take cell0_connection out."
    )
    assert failed["code"] == "arguments"


def test_services_without_online_data_migrations() -> None:
    failed = run(FakeSchemas(), service="glance", online_data_migrations=True)
    assert "Cannot migrate data of glance: this service has no online data migrations." in failed["msg"]


class Nowhere(FakeSchemas):
    """A host without the service."""

    def read(self, desired: Any) -> Any:
        raise UnreachableError("find", "Python package", "nova", "it is not installed", "Install it")


def test_a_host_without_the_service() -> None:
    predicted = run(Nowhere(), check=True, schemas=["api", "main"])
    assert predicted["commands"] == [API, MAIN]
    unknown = {"database": None, "revision": None, "head": None, "behind": False}
    assert predicted["schemas"] == {"api": unknown, "main": unknown}
    assert "Check mode goes on" in predicted["warnings"][0]
    failed = run(Nowhere())
    assert failed["code"] == "unreachable"


def test_subprojects_on_a_host_without_the_service() -> None:
    names = ["neutron-dynamic-routing", "main"]
    predicted = run(Nowhere(), check=True, service="neutron", schemas=names, other_files=[])
    assert predicted["commands"] == [
        f"neutron-db-manage --config-file /etc/neutron/neutron.conf --subproject {name} upgrade heads"
        for name in ("neutron-dynamic-routing", "neutron")
    ]
    failed = run(Nowhere(), check=True, schemas=["main", "neutron-dynamic-routing"])
    assert failed["msg"] == (
        "Cannot sync schema neutron-dynamic-routing: nova has no such schema. Choose among api, main, cell0."
    )


def test_a_subproject_without_migration_scripts_is_left_alone() -> None:
    schemas = FakeSchemas({"main": HEAD}, subprojects={"tap-as-a-service": AlembicCode({})})
    done = run(schemas, service="neutron")
    assert (done["changed"], done["commands"]) == (False, [])
    assert done["schemas"]["tap-as-a-service"] == {
        "database": "it_tap-as-a-service",
        "revision": None,
        "head": None,
        "behind": False,
    }
    assert done["warnings"] == [
        "Schema tap-as-a-service of neutron was left alone: its package has no migration scripts."
    ]
    schemas.stamps["tap-as-a-service"] = HEAD
    assert run(schemas, service="neutron")["schemas"]["tap-as-a-service"]["revision"] == "second"
    failed = run(schemas, service="neutron", schemas=["tap-as-a-service"])
    assert failed["code"] == "no_migrations"
    assert "Install a package that has them" in failed["msg"]
