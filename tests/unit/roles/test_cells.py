# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What hosts of a further cell have of the cell's own, and what the cloud's controllers and others then know of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from local_play import HERE, run_play

ROOT = Path(__file__).parents[3]
ROLES = ROOT / "roles"
RENDERED = {
    "controller": "{{ __controller_nova_options }}",
    "cell": "{{ __controller_cell_options if __cloud_is_cell_controller else {} }}",
    "compute": "{{ __compute_shared_file.options }}",
    "others": "{{ __compute_others }}",
    "seen": "{{ __compute_seen }}",
    "queue": "{{ __cloud_nova_message_queue }}",
    "networks_queue": "{{ __cloud_transport_url }}",
    "cells": "{{ __controller_all_cells }}",
    "notes": "{{ __controller_notes }}",
    "units": "{{ __controller_cell_units | map(attribute='name') }}",
    "openings": "{{ __controller_cell_openings if __cloud_is_cell_controller else __controller_openings }}",
    "secrets": "{{ __cloud_secret_names }}",
    "predicted": "{{ __cloud_rotation_predicted }}",
    "names": "{{ __cloud_service_names }}",
    "packages_roles": "{{ packages_roles }}",
    "certificates_roles": "{{ certificates_roles }}",
    "services": "{{ verify_services }}",
    "proven": "{{ verify_hosts }}",
    "host_cells": "{{ __cloud_host_cells }}",
}
SECRETS = {
    "cloud_message_queue_password": "queue-1",
    "cloud_cell_message_queue_password_cell2": "queue-2",
    "cloud_nova_database_password": "database-1",
    "cloud_cell_database_password_cell2": "database-2",
    **dict.fromkeys(
        (
            *(f"cloud_{name}_password" for name in ("admin", "nova", "placement", "neutron")),
            "cloud_memcache_secret",
            "cloud_metadata_secret",
        ),
        "other",
    ),
}
FURTHER = {
    "cell_controller": {"hosts": {"cellcontroller1": None}},
    "cell2": {"hosts": {"cellcontroller1": None, "compute3": None}},
}
# Here the roles' defaults come before the inventory.
CELL = "{{ 'cell2' if inventory_hostname in groups.cell2 | default([]) else 'cell1' }}"
ADDRESSES = {
    "controller1": "192.0.2.11",
    "compute1": "192.0.2.12",
    "compute2": "192.0.2.13",
    "compute3": "192.0.2.14",
    "cellcontroller1": "192.0.2.31",
}


def render(folder: Path, *further: str, **variables: Any) -> dict[str, dict[str, Any]]:
    """What each host has; ``further`` are groups of FURTHER."""
    roles = (
        "cloud",
        "service",
        "database",
        "message_queue",
        "controller",
        "compute",
        "packages",
        "certificates",
        "verify",
    )
    play = {
        "hosts": "all",
        "gather_facts": False,
        "vars_files": [
            *(str(ROLES / role / "defaults/main.yml") for role in roles),
            *(str(ROLES / role / "vars/main.yml") for role in roles),
            str(ROLES / "cloud/vars/Debian-12.yml"),
        ],
        "tasks": [
            {
                "name": "Read the name of the host",
                "ansible.builtin.setup": {"gather_subset": ["!all", "!min", "platform"]},
            },
            {
                "name": "Write what was rendered",
                "ansible.builtin.copy": {
                    "content": "{{ rendered | to_json }}",
                    "dest": str(folder / "{{ inventory_hostname }}.json"),
                },
                "vars": {"rendered": RENDERED, "__compute_known": "{{ __compute_told }}"},
            },
        ],
    }
    inventory = {
        "controller": {"hosts": {"controller1": None}},
        "compute": {"hosts": {"compute1": None, "compute2": None, "compute3": None}},
        **{name: FURTHER[name] for name in further},
        "all": {
            "hosts": {
                name: {
                    "cloud_management_address": address,
                    "__compute_name": name,
                    # This run has not got the key of compute2.
                    "__compute_peer": {"name": name, "public_key": "" if name == "compute2" else "KEY"},
                }
                for name, address in ADDRESSES.items()
                if further or name != "cellcontroller1"
            },
            "vars": HERE,
        },
    }
    given = {
        "__cloud_description": {"secrets": SECRETS},
        "compute_virt_type": "qemu",
        "cloud_rotated_secrets": ["all"],
        "cloud_cell": CELL,
        **variables,
    }
    run_play(folder, play, inventory, given)
    return {path.stem: json.loads(path.read_text()) for path in folder.glob("c*.json")}


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A cloud with cell2."""
    return render(tmp_path_factory.mktemp("cells"), "cell_controller", "cell2")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """A cloud without further cells."""
    return render(tmp_path_factory.mktemp("alone"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """With TLS, with a password of the site's own and another name for the cell's controller."""
    return render(
        tmp_path_factory.mktemp("secure"),
        "cell_controller",
        "cell2",
        cloud_tls=True,
        cloud_secrets_file="/secrets.yml",
        cloud_cell_database_password_cell2="the site's",
        cloud_cell_host="far.example.org",
    )


QUEUE_1, QUEUE_2 = (
    "rabbit://openstack:queue-1@controller1:5672/",
    "rabbit://openstack:queue-2@192.0.2.31:5672/",
)
DATABASE_2 = "mysql+pymysql://nova:database-2@192.0.2.31:3306/nova"


def test_nova_compute_goes_by_the_queue_of_its_cell(hosts: dict[str, dict[str, Any]]) -> None:
    urls = {name: seen["compute"]["DEFAULT"]["transport_url"] for name, seen in hosts.items()}
    assert urls == {
        "controller1": QUEUE_1,
        "compute1": QUEUE_1,
        "compute2": QUEUE_1,
        "compute3": QUEUE_2,
        "cellcontroller1": QUEUE_2,
    }
    # All else on these hosts stays with the cloud's.
    assert {seen["networks_queue"] for seen in hosts.values()} == {QUEUE_1}
    assert (hosts["compute3"]["queue"]["hosts"], hosts["compute3"]["queue"]["password"]) == (
        ["192.0.2.31"],
        "queue-2",
    )


def test_a_compute_host_of_a_cell_asks_nobody_above(hosts: dict[str, dict[str, Any]]) -> None:
    own, of_cell = hosts["compute1"]["compute"], hosts["compute3"]["compute"]
    assert of_cell["workarounds"]["disable_group_policy_check_upcall"] is True
    assert of_cell["filter_scheduler"] == {"track_instance_changes": False}
    assert own["workarounds"]["disable_group_policy_check_upcall"] is None
    assert own["filter_scheduler"] == {"track_instance_changes": None}


def test_the_screens_of_a_cell_are_seen_through_its_own_proxy(hosts: dict[str, dict[str, Any]]) -> None:
    assert (
        hosts["compute1"]["compute"]["vnc"]["novncproxy_base_url"] == "http://controller1:6080/vnc_lite.html"
    )
    assert (
        hosts["compute3"]["compute"]["vnc"]["novncproxy_base_url"] == "http://192.0.2.31:6080/vnc_lite.html"
    )
    assert {"nova-novncproxy", "nova-conductor"} <= set(hosts["cellcontroller1"]["units"])
    assert not {"nova-api", "nova-scheduler"} & set(hosts["cellcontroller1"]["units"])


def test_the_controller_of_a_cell_reaches_no_database_but_its_own(hosts: dict[str, dict[str, Any]]) -> None:
    options = hosts["cellcontroller1"]["cell"]
    assert options["database"] == {"connection": DATABASE_2}
    assert options["api_database"] == {"connection": None}
    text = json.dumps(options)
    assert "database-1" not in text
    assert "queue-1" not in text


def test_the_api_knows_both_cells(hosts: dict[str, dict[str, Any]]) -> None:
    assert hosts["controller1"]["cells"] == [
        {"name": "cell1"},
        {"name": "cell2", "transport_url": QUEUE_2, "database_connection": DATABASE_2},
    ]
    (note,) = hosts["controller1"]["notes"]
    assert "\ncell2 " in note["content"]
    assert "password" not in note["content"] and "-2" not in note["content"]


def test_without_further_cells_nothing_is_said_of_them(alone: dict[str, dict[str, Any]]) -> None:
    seen = alone["controller1"]
    assert (seen["cells"], seen["notes"], seen["host_cells"]) == ([], [], {})
    assert seen["proven"] == ["compute1", "compute2", "compute3"]
    assert not [name for name in seen["secrets"] if "cell" in name]
    assert set(alone["compute1"]["others"]) == {"compute2", "compute3"}
    assert [peer["name"] for peer in alone["compute1"]["seen"]] == ["compute3"]
    assert [peer["name"] for peer in alone["compute2"]["seen"]] == ["compute1", "compute3"]


def test_another_password_makes_another_note(
    hosts: dict[str, dict[str, Any]], secure: dict[str, dict[str, Any]]
) -> None:
    assert hosts["controller1"]["notes"] != secure["controller1"]["notes"]


def test_instances_move_within_a_cell(hosts: dict[str, dict[str, Any]]) -> None:
    assert hosts["compute1"]["others"] == ["compute2"]
    assert hosts["compute3"]["others"] == []
    assert [peer["name"] for peer in hosts["compute2"]["seen"]] == ["compute1"]
    assert hosts["compute3"]["seen"] == []


def test_the_proof_has_an_instance_in_each_cell(hosts: dict[str, dict[str, Any]], tmp_path: Path) -> None:
    seen = hosts["controller1"]
    assert seen["host_cells"] == {"compute1": "cell1", "compute2": "cell1", "compute3": "cell2"}
    assert seen["proven"] == ["compute1", "compute3", "compute2"]
    assert seen["services"]["cellcontroller1"] == ["nova-conductor"]
    few = render(tmp_path, "cell_controller", "cell2", verify_hosts_at_most=1)
    assert few["controller1"]["proven"] == ["compute1", "compute3"]


def test_a_cell_has_secrets_of_its_own(hosts: dict[str, dict[str, Any]]) -> None:
    own = {"cloud_cell_database_password_cell2", "cloud_cell_message_queue_password_cell2"}
    for seen in hosts.values():
        assert own <= set(seen["secrets"])
    # Check mode logs in with those that are in use.
    assert not own & set(hosts["controller1"]["predicted"])
    assert "cloud_nova_database_password" in hosts["controller1"]["predicted"]


def test_hosts_get_what_they_are_for(hosts: dict[str, dict[str, Any]]) -> None:
    assert hosts["cellcontroller1"]["packages_roles"] == ["database", "message_queue", "cell"]
    assert hosts["cellcontroller1"]["certificates_roles"] == ["database", "message_queue", "controller"]
    assert hosts["compute3"]["packages_roles"] == ["compute"]


def test_the_firewall_of_a_cell_lets_in_who_belongs_to_it(hosts: dict[str, dict[str, Any]]) -> None:
    assert hosts["cellcontroller1"]["openings"] == [
        {"name": "message queue", "ports": [5672], "sources": ["192.0.2.14", "192.0.2.11"]},
        {"name": "database", "ports": [3306], "sources": ["192.0.2.11"]},
    ]
    sources = {one["name"]: one["sources"] for one in hosts["controller1"]["openings"]}
    assert "192.0.2.31" in sources["APIs"]
    assert "192.0.2.31" not in sources["message queue"]


def test_a_cell_speaks_tls_where_the_cloud_does(secure: dict[str, dict[str, Any]]) -> None:
    options = secure["cellcontroller1"]["cell"]
    assert options["DEFAULT"]["transport_url"] == "rabbit://openstack:queue-2@far.example.org:5671/"
    assert options["DEFAULT"]["ssl_only"] is True
    assert options["oslo_messaging_rabbit"]["ssl"] is True
    assert options["database"]["connection"] == (
        "mysql+pymysql://nova:the%20site%27s@far.example.org:3306/nova?ssl_ca=/etc/stackwright/tls/ca.crt"
    )
    assert secure["cellcontroller1"]["names"] == ["far.example.org"]
