# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts of an additional cell have of the cell's own, and what the cloud's controllers and others know of it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud import messaging, secrets
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud.cloud import Cloud
from fakes import described

SECRETS = {
    **dict.fromkeys(described.SECRETS, "other"),
    "cloud_message_queue_password": "queue-1",
    "cloud_cell_message_queue_password_cell2": "queue-2",
    "cloud_nova_database_password": "database-1",
    "cloud_cell_database_password_cell2": "database-2",
}
ONE_CELL = {"controller": ["controller1"], "compute": ["compute1", "compute2", "compute3"]}
TWO_CELLS = {**ONE_CELL, "cell_controller": ["cellcontroller1"]}
HOSTVARS = {
    "compute3": {"cloud_cell": "cell2"},
    "cellcontroller1": {"cloud_cell": "cell2", "cloud_management_address": "192.0.2.31"},
}
HOSTS = ["controller1", "compute1", "compute2", "compute3", "cellcontroller1"]
NOTE = "/etc/nova/stackwright-cells"

QUEUE_1, QUEUE_2 = (
    "rabbit://openstack:queue-1@controller1:5672/",
    "rabbit://openstack:queue-2@192.0.2.31:5672/",
)
DATABASE_2 = "mysql+pymysql://nova:database-2@192.0.2.31:3306/nova"


def two_cells(host: str, **variables: Any) -> Cloud:
    """A cloud with cell2."""
    given = {"compute_virt_type": "qemu", "cloud_rotated_secrets": ["all"], **variables}
    return described.cloud(host, TWO_CELLS, HOSTVARS, secrets=SECRETS, **given)


@cache
def cell_of(host: str) -> Cloud:
    """The same with all variables as they are by default."""
    return two_cells(host)


@cache
def alone(host: str = "controller1") -> Cloud:
    """A cloud without additional cells."""
    return described.cloud(host, ONE_CELL, secrets=SECRETS, compute_virt_type="qemu")


@cache
def secure(host: str) -> Cloud:
    """With TLS, with a password of the site's own and another name for the cell's controller."""
    return two_cells(
        host,
        cloud_tls=True,
        cloud_secrets_file="/secrets.yml",
        cloud_cell_database_password_cell2="the site's",
        cloud_cell_host="far.example.org",
    )


def nova(cloud: Cloud) -> dict[str, Any]:
    """What the host has of Nova."""
    services = described.services(cloud)
    return dict(services["compute" if cloud.is_compute else "controller"])


def nova_conf(cloud: Cloud) -> dict[str, Any]:
    """Its options."""
    return dict(nova(cloud)["files"][0]["options"])


def notes(cloud: Cloud) -> list[str]:
    """What restarts Nova's API and scheduler when the cells change."""
    return [each["content"] for each in nova(cloud)["plain_files"] if each["path"] == NOTE]


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("controller1", QUEUE_1),
        ("compute1", QUEUE_1),
        ("compute2", QUEUE_1),
        ("compute3", QUEUE_2),
        ("cellcontroller1", QUEUE_2),
    ],
)
def test_nova_goes_by_the_queue_of_its_cell(host: str, url: str) -> None:
    assert nova_conf(cell_of(host))["DEFAULT"]["transport_url"] == url
    # All else on these hosts stays with the cloud's.
    assert messaging.cloud_transport_url(cell_of(host)) == QUEUE_1


def test_networks_of_a_cell_go_by_the_queue_of_the_cloud() -> None:
    agents = described.services(cell_of("compute3"))["neutron_agents"]
    assert agents["files"][0]["options"]["DEFAULT"]["transport_url"] == QUEUE_1


@pytest.mark.parametrize("host", ["compute3", "cellcontroller1"])
def test_the_account_that_is_tried_is_that_of_the_cell(host: str) -> None:
    account = nova(cell_of(host))["message_queue"]
    assert (account["hosts"], account["password"]) == (["192.0.2.31"], "queue-2")


def test_a_compute_host_of_a_cell_asks_nobody_above() -> None:
    own, of_cell = nova_conf(cell_of("compute1")), nova_conf(cell_of("compute3"))
    assert of_cell["workarounds"]["disable_group_policy_check_upcall"] is True
    assert of_cell["filter_scheduler"] == {"track_instance_changes": False}
    assert own["workarounds"]["disable_group_policy_check_upcall"] is None
    assert own["filter_scheduler"] == {"track_instance_changes": None}


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("compute1", "http://controller1:6080/vnc_lite.html"),
        ("compute3", "http://192.0.2.31:6080/vnc_lite.html"),
    ],
)
def test_the_screens_of_a_cell_are_seen_through_its_own_proxy(host: str, url: str) -> None:
    assert nova_conf(cell_of(host))["vnc"]["novncproxy_base_url"] == url


def test_the_controller_of_a_cell_runs_what_its_compute_hosts_need() -> None:
    units = nova(cell_of("cellcontroller1"))["units"]
    running = {each["name"] for each in units if each.get("state") != "stopped"}
    assert running == {"nova-novncproxy", "nova-conductor"}
    assert not {"nova-api", "nova-scheduler"} & {each["name"] for each in units}


def test_the_controller_of_a_cell_reaches_no_database_but_its_own() -> None:
    service = nova(cell_of("cellcontroller1"))
    options = nova_conf(cell_of("cellcontroller1"))
    assert options["database"] == {"connection": DATABASE_2}
    assert options["api_database"] == {"connection": None}
    for given in (options, service):
        assert "database-1" not in json.dumps(given)
        assert "queue-1" not in json.dumps(given)


def test_the_api_knows_both_cells() -> None:
    assert nova(cell_of("controller1"))["cells"]["cells"] == [
        {"name": "cell1"},
        {"name": "cell2", "transport_url": QUEUE_2, "database_connection": DATABASE_2},
    ]
    (note,) = notes(cell_of("controller1"))
    assert "\ncell2 " in note
    assert "password" not in note
    assert "-2" not in note


def test_another_password_makes_another_note() -> None:
    (here,), (there,) = notes(cell_of("controller1")), notes(two_cells("controller1"))
    assert here == there
    password = {"cloud_cell_database_password_cell2": "the site's"}
    (other,) = notes(two_cells("controller1", **password))
    assert here != other
    assert notes(secure("controller1")) not in ([here], [other])


def test_without_additional_cells_nothing_is_said_of_them() -> None:
    assert nova(alone())["cells"]["cells"] == []
    assert nova(alone())["cells"]["host_cells"] == alone().host_cells == {}
    assert notes(alone()) == []
    assert alone().verify_hosts == ["compute1", "compute2", "compute3"]
    names = secrets.names(alone())
    assert names
    assert not [name for name in names if "cell" in name]


def test_the_proof_has_an_instance_in_each_cell() -> None:
    seen = cell_of("controller1")
    assert seen.host_cells == {"compute1": "cell1", "compute2": "cell1", "compute3": "cell2"}
    assert seen.verify_hosts == ["compute1", "compute3", "compute2"]
    assert seen.verify_services["cellcontroller1"] == ["nova-conductor"]
    assert two_cells("controller1", verify_hosts_at_most=1).verify_hosts == ["compute1", "compute3"]


@pytest.mark.parametrize("host", HOSTS)
def test_a_cell_has_secrets_of_its_own(host: str) -> None:
    own = {"cloud_cell_database_password_cell2", "cloud_cell_message_queue_password_cell2"}
    assert own <= {*secrets.names(cell_of(host))}
    # Check mode logs in with those that are in use.
    predicted = secrets.predicted(cell_of(host))
    assert not own & {*predicted}
    assert "cloud_nova_database_password" in predicted


def test_hosts_get_what_they_are_for() -> None:
    of_cell = cell_of("cellcontroller1")
    assert of_cell.packages_roles == ["database", "message_queue", "cell"]
    assert of_cell.certificates_roles == ["database", "message_queue", "controller"]
    assert cell_of("compute3").packages_roles == ["compute"]


def test_the_firewall_of_a_cell_lets_in_who_belongs_to_it() -> None:
    compute3 = cell_of("cellcontroller1").inventory.address("compute3")
    assert nova(cell_of("cellcontroller1"))["openings"] == [
        {"name": "message queue", "ports": [5672], "sources": [compute3, "192.0.2.11"]},
        {"name": "database", "ports": [3306], "sources": ["192.0.2.11"]},
    ]
    sources = {one["name"]: one["sources"] for one in nova(cell_of("controller1"))["openings"]}
    assert "192.0.2.31" in sources["APIs"]
    assert "192.0.2.31" not in sources["message queue"]


def test_a_cell_speaks_tls_where_the_cloud_does() -> None:
    options = nova_conf(secure("cellcontroller1"))
    assert options["DEFAULT"]["transport_url"] == "rabbit://openstack:queue-2@far.example.org:5671/"
    assert options["DEFAULT"]["ssl_only"] is True
    assert options["oslo_messaging_rabbit"]["ssl"] is True
    assert options["database"]["connection"] == (
        "mysql+pymysql://nova:the%20site%27s@far.example.org:3306/nova?ssl_ca=/etc/stackwright/tls/ca.crt"
    )
    assert secure("cellcontroller1").service_names == ["far.example.org"]
