# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""cell_v2 against a fake Nova and against the real one: the same story, the same outcome."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.client import SqlInventory
from ansible_collections.stackwright.nova.plugins.module_utils._cell_v2.state import Occupancy

# As they stand in URLs. Behind them: p@ss/w%rd $%40x#:?&+ "q'{b}\ and the like.
NASTY = "p%40ss%2Fw%25rd%20%24%2540x%23%3A%3F%26%2B%22q%27%7Bb%7D%5C"
RABBIT = "r%40bb%2Fit%25%24%7Bx%7D"
NEXT = "n3xt%2540%40%60%7E%21%2A%28%29%3B%3D%2C%5B%5D%5E%7C%3C%3E"
SECRETS = (NASTY, RABBIT, NEXT)

DATABASE_TEMPLATE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"
QUEUE_TEMPLATE = "{scheme}://{username}:{password}@{hostname}:{port}/{path}"


def queue(password: str, host: str = "mq") -> str:
    return f"rabbit://openstack:{password}@{host}:5672/"


def test_the_life_of_cells(cloud: Any) -> None:
    cloud.configure(NASTY, RABBIT)
    predicted = cloud.run(check=True, diff=True)
    assert cloud.stored() == {}
    done = cloud.run(diff=True)
    assert done["changed"]
    assert (predicted["commands"], predicted["diff"]) == (done["commands"], done["diff"])
    assert cloud.stored() == {
        "cell0": ("none:///", cloud.database("nova_cell0", NASTY), False),
        "cell1": (queue(RABBIT), cloud.database("nova", NASTY), False),
    }
    assert cloud.run()["changed"] is False
    assert cloud.run(check=True)["changed"] is False

    # Both passwords change.
    cloud.configure(NEXT, "plain")
    rotated = cloud.run(diff=True)
    assert rotated["changed"]
    assert "(new password)" in rotated["diff"]["after"]
    assert cloud.stored() == {
        "cell0": ("none:///", cloud.database("nova_cell0", NEXT), False),
        "cell1": (queue("plain"), cloud.database("nova", NEXT), False),
    }
    assert cloud.run()["changed"] is False

    # Another cell, closed, then open; the first one as it was.
    east = {
        "name": "east",
        "transport_url": queue(RABBIT, "mq2"),
        "database_connection": cloud.database("nova_east", NEXT),
    }
    before = cloud.stored()
    assert cloud.run(cells=[{**east, "disabled": True}])["changed"]
    assert cloud.stored() == {**before, "east": (east["transport_url"], east["database_connection"], True)}
    assert cloud.run(cells=[{"name": "east", "disabled": False}])["changed"]
    assert cloud.stored()["east"] == (east["transport_url"], east["database_connection"], False)
    assert cloud.run(cells=[{"name": "cell1"}, east])["changed"] is False

    # Another takes its place.
    moved = [{"name": "east", "state": "absent"}, {**east, "name": "west"}]
    predicted = cloud.run(cells=moved, check=True)
    assert list(cloud.stored()) == ["cell0", "cell1", "east"]
    assert cloud.run(cells=moved)["commands"] == predicted["commands"]
    assert cloud.stored() == {**before, "west": (east["transport_url"], east["database_connection"], False)}
    assert cloud.run(cells=moved)["changed"] is False
    assert cloud.run(cells=[{"name": "west", "state": "absent"}, east])["changed"]

    # And its end.
    gone = [{"name": "east", "state": "absent"}]
    assert cloud.run(cells=gone, check=True)["changed"]
    assert "east" in cloud.stored()
    assert [cell["name"] for cell in cloud.run(cells=gone)["cells"]] == ["cell0", "cell1"]
    assert cloud.stored() == before
    assert cloud.run(cells=gone)["changed"] is False
    for output in cloud.outputs:
        assert not any(secret in output for secret in SECRETS)


def test_templates(cloud: Any) -> None:
    cloud.configure(NASTY, RABBIT)
    template = {
        "name": "cell1",
        "transport_url": QUEUE_TEMPLATE,
        "database_connection": cloud.database("nova", "{password}").replace("nova:", "{username}:"),
    }
    assert cloud.run(cells=[template])["changed"]
    assert cloud.stored()["cell1"] == (template["transport_url"], template["database_connection"], False)
    assert cloud.run(cells=[template])["changed"] is False
    assert cloud.run()["changed"] is False

    # The template follows by itself; cell0, written out, has to be written.
    cloud.configure(NEXT, RABBIT)
    done = cloud.run()
    assert [command.split()[2] for command in done["commands"]] == ["update_cell"]
    assert cloud.stored()["cell0"][1] == cloud.database("nova_cell0", NEXT)
    assert cloud.run()["changed"] is False


def test_a_template_that_takes_in_everything(cloud: Any) -> None:
    """nova-manage cannot tell cell0's new URL from such a template: cell0 becomes a template as well."""
    cloud.configure(NASTY, RABBIT)
    template = {"name": "cell1", "database_connection": DATABASE_TEMPLATE.replace(":{port}", _port(cloud))}
    assert cloud.run(cells=[template])["changed"]
    cloud.configure(NEXT, RABBIT)
    assert cloud.run()["changed"]
    assert cloud.stored()["cell0"][1] == cloud.database("nova_cell0", "{password}").replace(
        "nova:", "{username}:"
    )
    assert cloud.run()["changed"] is False


def test_the_life_of_hosts(cloud: Any) -> None:
    cloud.configure(NASTY, RABBIT)
    cloud.add_compute("nova", "c1", node=False)
    assert cloud.run(discover_hosts=True)["hosts_mapped"] == []
    # It has reported itself again, however long nova-manage took.
    cloud.add_compute("nova", "c1", node=False)
    waited = cloud.run(expect_hosts=["c1"])
    assert waited["code"] == "timeout"
    assert "c1 has a nova-compute service in cell cell1 (up) but no compute node" in waited["msg"]

    cloud.add_compute("nova", "c1")
    predicted = cloud.run(expect_hosts=["c1"], check=True, diff=True)
    assert cloud.mapped() == {}
    done = cloud.run(expect_hosts=["c1"], diff=True)
    assert predicted == done
    assert done["commands"] == ["nova-manage cell_v2 discover_hosts"]
    assert cloud.mapped() == {"c1": "cell1"}
    again = cloud.run(expect_hosts=["c1"], discover_hosts=True)
    assert (again["changed"], again["hosts"], again["hosts_mapped"]) == (False, ["c1"], [])

    # A node that is marked as mapped and is not: an API database put back from a copy.
    cloud.add_compute("nova", "c2", marked=True)
    healed = cloud.run(discover_hosts=True)
    assert healed["commands"] == ["nova-manage cell_v2 discover_hosts --by-service"]
    assert cloud.mapped() == {"c1": "cell1", "c2": "cell1"}

    # One that is late keeps nobody else waiting for the next run.
    cloud.add_compute("nova", "c3")
    assert cloud.run(expect_hosts=["c3", "late"])["missing"] == ["late"]
    assert cloud.mapped() == {"c1": "cell1", "c2": "cell1", "c3": "cell1"}
    assert cloud.run(remove_hosts=["c3"])["hosts"] == ["c1", "c2"]

    # Neither the host nor the cell goes with an instance on it.
    instance = cloud.add_instance("nova", "c1", "cell1")
    gone = [{"name": "cell1", "state": "absent"}]
    assert f"1 instance lives on it ({instance})" in cloud.run(remove_hosts=["c1"])["msg"]
    assert f"1 instance lives in it ({instance})" in cloud.run(cells=gone)["msg"]
    cloud.drop_instances("nova")
    assert "hosts are mapped to it: c1, c2" in cloud.run(cells=gone)["msg"]
    assert cloud.mapped() == {"c1": "cell1", "c2": "cell1"}

    assert cloud.run(remove_hosts=["c1"])["hosts"] == ["c2"]
    assert cloud.run(remove_hosts=["c1"])["changed"] is False
    assert cloud.run(remove_hosts=["c2"], cells=gone)["hosts"] == []
    assert list(cloud.stored()) == ["cell0"]
    for output in cloud.outputs:
        assert not any(secret in output for secret in SECRETS)


def test_hosts_of_a_new_cell_beside_one_that_is_away(cloud: Any) -> None:
    """Only the new cell can be searched, whose uuid nobody knows before it is made."""
    cloud.configure(NASTY, RABBIT)
    away = {
        "name": "away",
        "transport_url": queue(RABBIT, "mq2"),
        "database_connection": cloud.database("nova_away", NASTY),
        "disabled": True,
    }
    assert cloud.run(cells=[away])["changed"]
    cloud.take_away("nova_away")
    cloud.add_compute("nova", "c1")
    predicted = cloud.run(expect_hosts=["c1"], check=True)
    assert cloud.mapped() == {}
    done = cloud.run(expect_hosts=["c1"])
    assert predicted["commands"] == done["commands"]
    assert (done["hosts"], done["hosts_mapped"]) == (["c1"], ["c1"])
    assert cloud.mapped() == {"c1": "cell1"}


def test_the_name_of_a_database_may_have_any_character(deployment: Any) -> None:
    """Values are filled into a query with %, so a name with one must not be taken for a place to fill."""
    deployment.configure(NASTY, RABBIT)
    name = "nova%s%d"
    deployment.server.query(f"CREATE DATABASE `{name.replace('%', '%%')}`")
    deployment.server.query(f"CREATE TABLE `{name.replace('%', '%%')}`.instances LIKE nova.instances")
    try:
        url = deployment.database(name, NASTY)
        assert SqlInventory("").host_occupancy(url, "c1") == Occupancy()
    finally:
        deployment.server.query(f"DROP DATABASE `{name.replace('%', '%%')}`")


@pytest.mark.parametrize(("wrong", "code"), [("nova_missing", "access_denied"), ("plain", "access_denied")])
def test_refused_logins_are_errors_in_check_mode_too(deployment: Any, wrong: str, code: str) -> None:
    deployment.configure(NASTY, RABBIT)
    text = deployment.config_file.read_text()
    deployment.config_file.write_text(
        text.replace("/nova_api", "/other") if wrong == "nova_missing" else text.replace(NASTY, wrong)
    )
    for check in (True, False):
        assert deployment.run(check=check)["code"] == code


def test_nothing_there_yet(deployment: Any) -> None:
    """No schema, no database, no server: check mode plans, a real run says what to do first."""
    deployment.configure(NASTY, RABBIT)
    text = deployment.config_file.read_text()
    for missing, remedy in (
        (("/nova_api", "/nova_east"), "Run nova_db_sync first"),
        (("/nova_api", "/nova_none"), "Run nova_db_sync first"),
        ((deployment.place, "127.0.0.1:1"), "Start the server, or correct its address"),
    ):
        deployment.config_file.write_text(text.replace(*missing))
        predicted = deployment.run(check=True)
        assert [command.split()[2] for command in predicted["commands"]] == ["map_cell0", "create_cell"]
        assert "Check mode goes on as if nothing existed there yet." in predicted["warnings"][0]
        failed = deployment.run()
        assert failed["code"] == "unreachable"
        assert remedy in failed["msg"]
        assert NASTY not in failed["msg"]


def _port(cloud: Any) -> str:
    """The fake server's URL has no port, the real one's has."""
    return ":{port}" if ":" in cloud.place else ""
