# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import Settings
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import (
    CollectionError,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db_sync.revisions import Stamp
from ansible_collections.stackwright.nova.plugins.module_utils._shared.cell_mappings import CELL0_UUID, Cell
from ansible_collections.stackwright.nova.plugins.modules import cell_v2
from fakes.cloud import FakeCloud
from fakes.modules import run_module

QUOTED = "n4sty%20p%40ss%2Fw%25rd%24%2540"
RABBIT = "r4bbit%2Fsecret"
SECRETS = (QUOTED, unquote(QUOTED), RABBIT, unquote(RABBIT), "n3xt")


@pytest.fixture
def cloud() -> Any:
    cloud = FakeCloud()
    cloud.configure(QUOTED, RABBIT)
    yield cloud
    for output in cloud.outputs:
        for secret in SECRETS:
            assert secret not in output


def test_makes_the_cells_once(cloud: FakeCloud) -> None:
    predicted = cloud.run(check=True, diff=True)
    assert cloud.nova.calls == []
    done = cloud.run(diff=True)
    assert cloud.nova.calls == ["map_cell0", "create_cell cell1"]
    assert (predicted["changed"], predicted["commands"], predicted["diff"]) == (
        True,
        done["commands"],
        done["diff"],
    )
    assert done["diff"]["before"] == ""
    assert predicted["cells"][1] == {**done["cells"][1], "uuid": None}
    assert predicted["cells"][0] == done["cells"][0]

    again = cloud.run(diff=True)
    assert (again["changed"], again["commands"]) == (False, [])
    assert again["diff"]["before"] == again["diff"]["after"]
    assert again["cells"] == done["cells"]
    assert len(cloud.nova.calls) == 2
    assert cloud.run(check=True)["changed"] is False


def test_syncs_schemas_first(cloud: FakeCloud) -> None:
    cloud.nova.has_schema = False
    cloud.schemas.when_synced = cloud.nova.create_schema
    predicted = cloud.run(sync_schemas=True, check=True, diff=True)
    assert (cloud.schemas.synced, cloud.nova.calls) == ([], [])
    done = cloud.run(sync_schemas=True, diff=True)
    assert cloud.schemas.synced == ["api", "main", "cell0"]
    assert cloud.nova.calls == ["map_cell0", "create_cell cell1"]
    for key in ("changed", "commands", "diff", "schemas"):
        assert predicted[key] == done[key], key
    assert [" ".join(command.split()[-3:]) for command in done["commands"][:3]] == [
        "/etc/nova/nova.conf api_db sync",
        "db sync --local_cell",
        "db sync --local_cell",
    ]
    assert [command.split()[2] for command in done["commands"][3:]] == ["map_cell0", "create_cell"]
    schemas, cells = done["diff"]
    assert json.loads(schemas["before"]) == {"api": None, "main": None, "cell0": None}
    assert sorted(json.loads(cells["after"])["cells"]) == sorted(["cell1", CELL0_UUID])
    assert {name: schema["behind"] for name, schema in done["schemas"].items()} == {
        "api": False,
        "main": False,
        "cell0": False,
    }

    again = cloud.run(sync_schemas=True)
    assert (again["changed"], again["commands"]) == (False, [])
    assert (again["schemas"], again["cells"]) == (done["schemas"], done["cells"])
    assert "schemas" not in cloud.run()


def test_one_schema_that_is_behind(cloud: FakeCloud) -> None:
    cloud.run(sync_schemas=True)
    cloud.schemas.stamps["main"] = Stamp(frozenset({"first"}))
    done = cloud.run(sync_schemas=True)
    assert (done["changed"], len(done["commands"])) == (True, 1)
    assert cloud.schemas.synced[3:] == ["main"]


def test_a_schema_that_is_newer_keeps_the_cells_as_they_are(cloud: FakeCloud) -> None:
    cloud.schemas.stamps["api"] = Stamp(frozenset({"third"}))
    failed = cloud.run(sync_schemas=True)
    assert failed["code"] == "schema_newer"
    assert cloud.nova.calls == []


def test_keeps_passwords_exactly_as_they_are_written(cloud: FakeCloud) -> None:
    cloud.run()
    assert cloud.stored() == {
        "cell0": ("none:///", f"mysql+pymysql://nova:{QUOTED}@db/nova_cell0", False),
        "cell1": (f"rabbit://openstack:{RABBIT}@mq:5672/", f"mysql+pymysql://nova:{QUOTED}@db/nova", False),
    }


def test_follows_a_rotation(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.configure("n3xt%40", "n3xt%2Frabbit")
    predicted = cloud.run(check=True, diff=True)
    done = cloud.run(diff=True)
    assert cloud.nova.calls[2:] == ["update_cell cell0", "update_cell cell1"]
    assert predicted["commands"] == done["commands"]
    assert predicted["diff"] == done["diff"]
    assert done["diff"]["before"] != done["diff"]["after"]
    assert "(new password)" in done["diff"]["after"]
    assert cloud.stored()["cell1"] == (
        "rabbit://openstack:n3xt%2Frabbit@mq:5672/",
        "mysql+pymysql://nova:n3xt%40@db/nova",
        False,
    )
    assert cloud.run()["changed"] is False


def test_templates_follow_by_themselves(cloud: FakeCloud) -> None:
    template = {
        "name": "cell1",
        "transport_url": "{scheme}://{username}:{password}@{hostname}:{port}/{path}",
        "database_connection": "{scheme}://{username}:{password}@{hostname}/{path}",
    }
    cloud.run(cells=[template])
    cloud.configure("n3xt%40", "n3xt%2Frabbit")
    done = cloud.run()
    # cell0 cannot be told apart from cell1's template any more, so it becomes one itself.
    assert cloud.nova.calls[2:] == ["update_cell cell0"]
    assert cloud.stored()["cell0"][1] == "mysql+pymysql://{username}:{password}@db/nova_cell0"
    assert done["cells"][1]["transport_url"] == template["transport_url"]
    assert cloud.run()["changed"] is False
    assert cloud.run(cells=[template])["changed"] is False


def test_a_second_cell_and_its_end(cloud: FakeCloud) -> None:
    cloud.run()
    second = {
        "name": "cell2",
        "transport_url": f"rabbit://openstack:{RABBIT}@mq2:5672/",
        "database_connection": f"mysql+pymysql://nova:{QUOTED}@db2/nova",
        "disabled": True,
    }
    made = cloud.run(cells=[{"name": "cell1"}, second])
    assert [(cell["name"], cell["disabled"]) for cell in made["cells"]] == [
        ("cell0", False),
        ("cell1", False),
        ("cell2", True),
    ]
    assert cloud.run(cells=[{"name": "cell1"}, second])["changed"] is False
    (command,) = cloud.run(cells=[{"name": "cell2", "disabled": False}])["commands"]
    assert command == (
        f"nova-manage cell_v2 update_cell --cell_uuid {made['cells'][2]['uuid']} --name cell2 "
        "--transport-url 'rabbit://openstack:********@mq2:5672/' "
        "--database_connection 'mysql+pymysql://nova:********@db2/nova' --enable"
    )
    gone = [{"name": "cell2", "state": "absent"}]
    predicted = cloud.run(cells=gone, check=True, diff=True)
    done = cloud.run(cells=gone, diff=True)
    assert predicted == done
    assert "cell2" in done["diff"]["before"]
    assert "cell2" not in done["diff"]["after"]
    assert [cell["name"] for cell in done["cells"]] == ["cell0", "cell1"]
    assert cloud.run(cells=gone)["changed"] is False


def test_discovers_only_what_is_new(cloud: FakeCloud) -> None:
    cloud.run()
    assert cloud.run(discover_hosts=True)["changed"] is False
    cloud.nova.add_compute("nova", "c1")
    cloud.nova.add_compute("nova", "c2", node=False)
    predicted = cloud.run(discover_hosts=True, check=True)
    done = cloud.run(discover_hosts=True)
    assert predicted == done
    assert (done["hosts_mapped"], done["hosts"]) == (["c1"], ["c1"])
    assert done["commands"] == ["nova-manage cell_v2 discover_hosts"]
    calls = len(cloud.nova.calls)
    again = cloud.run(discover_hosts=True)
    assert (again["changed"], again["hosts_mapped"], again["hosts"]) == (False, [], ["c1"])
    assert len(cloud.nova.calls) == calls


def test_first_run_of_all(cloud: FakeCloud) -> None:
    cloud.nova.add_compute("nova", "c1")
    predicted = cloud.run(expect_hosts=["c1"], check=True)
    done = cloud.run(expect_hosts=["c1"])
    assert predicted["commands"] == done["commands"]
    assert predicted["hosts_mapped"] == done["hosts_mapped"] == ["c1"]
    assert cloud.nova.calls == ["map_cell0", "create_cell cell1", "discover_hosts"]


def test_waits_for_the_compute_node(cloud: FakeCloud) -> None:
    """The service record appears seconds before the compute node that the discovery looks for."""
    cloud.run()
    cloud.nova.add_compute("nova", "c1", node=False)
    cloud.clock.events[7] = lambda: cloud.nova.add_compute("nova", "c1")
    done = cloud.run(expect_hosts=["c1"], timeout=60)
    assert done["hosts_mapped"] == ["c1"]
    assert 7 <= cloud.clock.now < 9
    assert cloud.run(expect_hosts=["c1"])["changed"] is False


def test_somebody_else_may_map_it_meanwhile(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.clock.events[2] = lambda: cloud.nova.hosts.update(c1=2)
    assert cloud.run(expect_hosts=["c1"], timeout=60)["hosts_mapped"] == ["c1"]


def test_says_what_is_known_of_missing_hosts(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_compute("nova", "up", node=False)
    cloud.nova.add_compute("nova", "down", node=False, silent_for=400)
    cloud.nova.add_compute("nova", "mute", node=False, silent_for=None)
    cloud.nova.add_compute("nova", "long.example.org", node=False)
    cloud.nova.add_compute("nova", "there")
    result = cloud.run(expect_hosts=["there", "up", "down", "mute", "long", "unknown"], timeout=5)
    assert result["msg"] == (
        "Cannot discover hosts up, down, mute, long, unknown: not there after 5 seconds: "
        "up has a nova-compute service in cell cell1 (up) but no compute node; "
        "down has a nova-compute service in cell cell1 (down, last heard of 400 s ago) but no compute node; "
        "mute has a nova-compute service in cell cell1 (never heard of) but no compute node; "
        "long has no nova-compute service in any cell (there is long.example.org); "
        "unknown has no nova-compute service in any cell. "
        "See the log of nova-compute there, and that its host name is the one expected."
    )
    assert (result["code"], result["missing"]) == ("timeout", ["up", "down", "mute", "long", "unknown"])
    assert cloud.clock.now == 5


def test_late_hosts_keep_nobody_else_from_being_mapped(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_compute("nova", "there")
    assert cloud.run(expect_hosts=["there", "late"], timeout=5)["missing"] == ["late"]
    assert set(cloud.nova.hosts) == {"there"}
    calls = list(cloud.nova.calls)
    assert cloud.run(expect_hosts=["there", "late"], timeout=5)["missing"] == ["late"]
    assert cloud.nova.calls == calls


def test_check_mode_waits_for_nobody(cloud: FakeCloud) -> None:
    cloud.run()
    assert cloud.run(expect_hosts=["c1"], check=True)["hosts_mapped"] == ["c1"]
    assert cloud.clock.now == 0


def test_finds_hosts_that_lost_their_mapping(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_compute("nova", "c1", marked=True)
    assert cloud.run(discover_hosts=True)["commands"] == ["nova-manage cell_v2 discover_hosts --by-service"]
    assert cloud.nova.hosts == {"c1": 2}


def test_a_discovery_at_the_same_time_does_no_harm(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    cloud.run()
    cloud.nova.add_compute("nova", "c1")

    def collide(cell: Cell | None, by_service: bool) -> None:
        cloud.nova.hosts["c1"] = 2
        raise CollectionError("discover", "hosts", "", "Duplicate host mapping", "", code="nova_manage")

    monkeypatch.setattr(cloud.nova, "discover_hosts", collide)
    assert cloud.run(discover_hosts=True)["hosts_mapped"] == ["c1"]

    cloud.nova.add_compute("nova", "c2")
    failed = cloud.run(discover_hosts=True)
    assert "Duplicate host mapping" in failed["msg"]
    assert failed["failed_command"] == "nova-manage cell_v2 discover_hosts"


def refuse(*arguments: Any) -> None:
    raise CollectionError("create", "cell", "cell1", "status 2", "See why", code="nova_manage")


def test_a_failure_says_what_was_done_before_it(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud.nova, "create_cell", refuse)
    done = cloud.run(check=True)["commands"]
    failed = cloud.run()
    assert (failed["code"], failed["changed"]) == ("nova_manage", True)
    assert (failed["commands"], failed["failed_command"]) == (done[:1], done[1])


def test_a_failure_of_the_cells_says_what_became_of_the_schemas(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cloud.nova, "create_cell", refuse)
    done = cloud.run(sync_schemas=True, check=True)["commands"]
    failed = cloud.run(sync_schemas=True)
    assert (failed["changed"], failed["commands"], failed["failed_command"]) == (True, done[:4], done[4])


def test_an_open_cell_without_a_schema_is_for_check_mode_only(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_cell("cell2", "rabbit://o:x1y2@mq2/", cloud.database("away", QUOTED))
    cloud.take_away("away")
    predicted = cloud.run(expect_hosts=["c1"], check=True)
    assert predicted["commands"] == ["nova-manage cell_v2 discover_hosts"]
    reason = "Cannot read database away: no such database. Run nova_db_sync first."
    assert predicted["warnings"] == [f"The computes of cell cell2 are not known. {reason}"]
    failed = cloud.run(expect_hosts=["c1"])
    assert (failed["msg"], failed["code"]) == (reason, "unreachable")


def test_an_open_cell_that_goes_away_meanwhile(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.clock.events[2] = lambda: cloud.take_away("nova")
    failed = cloud.run(expect_hosts=["c1"], timeout=60)
    assert (failed["code"], cloud.clock.now) == ("unreachable", 2)


def test_proves_what_nova_manage_reports(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cloud.nova, "create_cell", lambda *arguments: None)
    assert "the API database does not hold what was asked for" in cloud.run()["msg"]
    monkeypatch.undo()
    cloud.run()
    cloud.nova.add_compute("nova", "c1")
    monkeypatch.setattr(cloud.nova, "discover_hosts", lambda *arguments: None)
    assert cloud.run(discover_hosts=True)["missing"] == ["c1"]


def test_removes_hosts(cloud: FakeCloud) -> None:
    cloud.nova.add_compute("nova", "c1")
    cloud.nova.add_compute("nova", "c2")
    cloud.run(discover_hosts=True)
    instance = cloud.nova.add_instance("nova", "c1", 2)
    refused = cloud.run(remove_hosts=["c1"])
    assert refused["msg"] == (
        f"Cannot remove host c1: 1 instance lives on it ({instance}). Migrate or delete them first."
    )
    predicted = cloud.run(remove_hosts=["c2"], check=True, diff=True)
    done = cloud.run(remove_hosts=["c2"], diff=True)
    assert predicted == done
    assert done["hosts"] == ["c1"]
    assert cloud.run(remove_hosts=["c2"])["changed"] is False


def test_a_cell_with_instances_stays(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_instance("nova", "c1", 2)
    assert "instance lives in it" in cloud.run(cells=[{"name": "cell1", "state": "absent"}])["msg"]


def test_a_disabled_cell_may_be_away(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_cell("cell2", "rabbit://o:x1y2@mq2/", cloud.database("away", QUOTED), disabled=True)
    cloud.nova.add_compute("nova", "c1")
    cloud.take_away("away")
    done = cloud.run(discover_hosts=True)
    assert done["hosts_mapped"] == ["c1"]
    assert "--cell_uuid" in done["commands"][0]
    assert done["warnings"] == [
        "The computes of cell cell2 are not known. "
        "Cannot read database away: no such database. Run nova_db_sync first."
    ]
    cloud.run(cells=[{"name": "cell2", "disabled": False}])
    assert cloud.run(discover_hosts=True)["code"] == "unreachable"


def test_hosts_in_cells_of_one_name(cloud: FakeCloud) -> None:
    cloud.run()
    twin = cloud.nova.add_cell("cell1", "rabbit://o:x1y2@mq2/", cloud.database("east", QUOTED))
    cloud.nova.add_compute("nova", "c1")
    cloud.nova.add_compute("east", "c2", node=False)
    assert (
        "c2 has a nova-compute service in cell cell1 (up)"
        in (cloud.run(cells=[], expect_hosts=["c2"], timeout=1)["msg"])
    )
    assert cloud.nova.hosts == {"c1": 2}
    cloud.nova.add_compute("nova", "c3")
    done = cloud.run(
        cells=[{"name": "cell1", "uuid": twin.uuid, "state": "absent"}], expect_hosts=["c3"], timeout=1
    )
    assert done["hosts_mapped"] == ["c3"]
    assert [cell["name"] for cell in done["cells"]] == ["cell0", "cell1"]


def test_hosts_of_a_cell_that_goes_are_neither_mapped_nor_waited_for(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_cell("cell2", "rabbit://o:x1y2@mq2/", cloud.database("east", QUOTED))
    cloud.nova.add_compute("nova", "c1")
    cloud.nova.add_compute("east", "c2")
    gone = [{"name": "cell2", "state": "absent"}]
    assert cloud.run(cells=gone, expect_hosts=["c2"], timeout=1)["missing"] == ["c2"]
    assert cloud.nova.hosts == {"c1": 2}


def test_a_new_cell_beside_one_that_is_away(cloud: FakeCloud) -> None:
    """Only the new cell can be searched, and its uuid is known when it is there."""
    cloud.nova.add_cell("cell2", "rabbit://o:x1y2@mq2/", cloud.database("away", QUOTED), disabled=True)
    cloud.nova.add_compute("nova", "c1")
    cloud.nova.add_compute("nova", "c2")
    cloud.take_away("away")
    wanted: dict[str, Any] = {"expect_hosts": ["c1"], "remove_hosts": ["c2"], "timeout": 1}
    predicted = cloud.run(**wanted, check=True)
    done = cloud.run(**wanted)
    assert predicted["commands"] == done["commands"]
    assert (done["hosts"], done["hosts_mapped"]) == (["c1"], ["c1"])
    assert cloud.mapped() == {"c1": "cell1"}


def test_expected_hosts_are_an_error_where_every_cell_is_away(cloud: FakeCloud) -> None:
    cloud.run(cells=[])
    cloud.nova.add_cell("cell2", "rabbit://o:x1y2@mq2/", cloud.database("away", QUOTED), disabled=True)
    cloud.take_away("away")
    for check in (True, False):
        assert cloud.run(cells=[], expect_hosts=["c1"], check=check)["code"] == "nowhere"


@pytest.mark.parametrize(
    "params", [{"remove_hosts": ["c1"]}, {"cells": [{"name": "cell1", "state": "absent"}]}]
)
def test_a_cell_that_is_away_is_not_taken_for_no_cells(cloud: FakeCloud, params: dict[str, Any]) -> None:
    cloud.nova.add_compute("nova", "c1")
    cloud.run(discover_hosts=True)
    cloud.add_instance("nova", "c1", "cell1")
    cloud.take_away("nova")
    for check in (True, False):
        result = cloud.run(**params, check=check)
        assert result["msg"] == (
            "Cannot look into cell cell1: cannot read database nova: no such database. Run nova_db_sync first."
        )
        assert result["code"] == "unreachable"


def test_check_mode_before_there_is_a_schema(cloud: FakeCloud) -> None:
    cloud.nova.has_schema = False
    predicted = cloud.run(check=True, expect_hosts=["c1"])
    assert len(predicted["commands"]) == 3
    assert predicted["hosts_mapped"] == ["c1"]
    assert "Check mode goes on as if nothing existed there yet." in predicted["warnings"][0]
    failed = cloud.run()
    assert failed["msg"] == "Cannot read database nova_api: no such table. Run nova_db_sync first."
    assert cloud.nova.calls == []


def test_check_mode_before_there_is_a_configuration(cloud: FakeCloud) -> None:
    cloud.nova.settings = Settings("/etc/nova/nova.conf")
    predicted = cloud.run(check=True)
    assert [command.split()[2] for command in predicted["commands"]] == ["map_cell0", "create_cell"]
    assert cloud.run()["msg"] == (
        "Cannot find API database: /etc/nova/nova.conf has no [api_database] connection. "
        "Configure Nova first."
    )


def test_check_mode_names_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    path = str(tmp_path / "nova.conf")
    predicted = run_module(cell_v2, config_file=path, check=True)
    assert path in predicted["warnings"][0]
    assert f"'(as {path} will have it)'" in predicted["commands"][0]


@pytest.mark.parametrize(
    "line",
    [
        "[DEFAULT]\ntransport_url = rabbit://nova:Sup3r/S3cretTail@mq/",
        "[api_database]\nconnection = mysql://n:Sup3r@S3cretTail@db/x",
    ],
)
@pytest.mark.parametrize("check", [True, False])
def test_a_configured_password_that_is_not_encoded_is_refused_and_not_shown(
    tmp_path: Path, line: str, check: bool
) -> None:
    path = tmp_path / "nova.conf"
    path.write_text(f"{line}\n")
    failed = run_module(cell_v2, config_file=str(path), check=check)
    assert failed["code"] == "invalid_url"
    assert "@ as %40, / as %2F, : as %3A" in failed["msg"]
    assert not any(piece in json.dumps(failed) for piece in ("Sup3r", "S3cret", "Tail"))


def test_a_wrong_password_is_an_error_in_check_mode_too(cloud: FakeCloud) -> None:
    cloud.nova.password = b"another"
    assert cloud.run(check=True)["code"] == "access_denied"


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"cells": [{"name": "cell0"}]}, "it is not one of the cells. Give its URL in cell0"),
        ({"cells": [{"name": "cell1"}, {"name": "cell1"}]}, "it is listed twice"),
        ({"cells": [{"name": "a", "uuid": "u1"}, {"name": "b", "uuid": "u1"}]}, "it is listed twice"),
        ({"cells": [{"name": ""}]}, "it has no name"),
        (
            {"cells": [{"name": "cell1", "transport_url": "s3cr3t nonsense"}]},
            "its transport_url is not a URL",
        ),
        (
            {"cell0": {"database_connection": "mysql://nova:a b@db/x\n[evil]"}},
            "its database_connection is not a URL",
        ),
        (
            {"cells": [{"name": "cell1", "transport_url": "rabbit://u:p@s3cr3t@mq/"}]},
            "Cannot read transport URL in transport_url of cell cell1: its hosts cannot be told from a password",
        ),
        (
            {"cell0": {"database_connection": "mysql+pymysql://nova:p@s3cr3t@db/x"}},
            "(the filter stackwright.nova.database_url does it)",
        ),
        ({"expect_hosts": ["c1"], "remove_hosts": ["c1"]}, "both expected and to be removed"),
    ],
)
def test_refuses_nonsense(cloud: FakeCloud, params: dict[str, Any], message: str) -> None:
    result = cloud.run(**params)
    assert result["failed"]
    assert message in result["msg"]
    assert "s3cr3t" not in json.dumps(result)
    assert cloud.nova.calls == []


def test_check_mode_predicts_a_change_of_cells_once(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.add_compute("nova", "c1")
    cloud.configure(QUOTED, "another-password")
    assert cloud.run(check=True)["changed"] is True
    after = cloud.run(check=True, discover_hosts=True, assume_cells=True)
    assert (after["commands"], after["hosts_mapped"]) == (["nova-manage cell_v2 discover_hosts"], ["c1"])
    cloud.nova.hosts["c1"] = 2
    assert cloud.run(check=True, discover_hosts=True, assume_cells=True)["changed"] is False


def test_an_administrator_reads_for_check_mode_alone(cloud: FakeCloud) -> None:
    cloud.run()
    cloud.nova.turned_away = (CollectionError("log in to", "server", "db", "denied", "Correct it"),)
    predicted = cloud.run(check=True)
    assert (predicted["changed"], predicted["warnings"]) == (
        False,
        ["Cannot log in to server db: denied. Correct it. The administrator was asked instead."],
    )
    assert cloud.run()["msg"] == "Cannot log in to server db: denied. Correct it."
