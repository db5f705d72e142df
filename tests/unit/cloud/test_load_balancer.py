# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several controllers behind one address: what is passed on to which of them, and how they restart and leave."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

import pytest
import yaml
from fakes.sites import (
    ADDRESSES,
    AUTHORITY,
    INTERNAL,
    PUBLIC,
    Site,
    default,
    several,
    several_secure,
    site,
)

DEPARTURES = "/etc/systemd/system/{}.service.d/stackwright-departure.conf"
CHECK_UNIT = "/etc/systemd/system/stackwright-database-check.service"
POLICY = "/etc/glance/policy.d/stackwright.yaml"
APIS = ["keystone", "glance", "placement", "neutron", "nova", "metadata"]


def balancer(of: Site) -> str:
    """HAProxy's file."""
    return of.plain_files("load_balancer")["/etc/haproxy/haproxy.cfg"]


def keeper(of: Site) -> str:
    """keepalived's file."""
    return of.plain_files("load_balancer")["/etc/keepalived/keepalived.conf"]


def passed_on(of: Site) -> dict[str, list[str]]:
    """The sections of HAProxy's file by name."""
    parts = re.split(r"^listen ", balancer(of), flags=re.MULTILINE)[1:]
    return {
        part.split()[0]: [line.strip() for line in part.splitlines()[1:] if line.strip()] for part in parts
    }


def servers(lines: list[str]) -> list[str]:
    return [line for line in lines if line.startswith("server")]


def starts(of: Site) -> dict[str, str]:
    """With what arguments APIs start, by the names of their start scripts."""
    lines = [each for service in of.services.values() for each in service.get("lines", [])]
    return {
        each["path"].rpartition("/")[2]: each["line"]
        for each in lines
        if each["line"].startswith("DAEMON_ARGS=")
    }


def departures(of: Site) -> dict[str, list[str]]:
    """How units give notice, by the paths of what is added to them."""
    return {
        path: text.splitlines()
        for name, service in of.services.items()
        if "plain_files" in service
        for path, text in of.plain_files(name).items()
        if path.endswith("/stackwright-departure.conf")
    }


# --- One controller -------------------------------------------------------------------------------------------


def test_one_controller_is_not_made_for_several() -> None:
    assert starts(default()) == {}
    assert (default().cloud.restarts_at_a_time, default().cloud.leads) == (0, True)
    assert "l3_ha" not in default().options("neutron")["DEFAULT"]
    assert "bind_host" not in default().options("glance")["DEFAULT"]
    assert departures(default()) == {}
    assert not [
        url for name in ("controller", "database") for url in default().answers(name) if "9202" in url
    ]
    assert POLICY not in default().plain_files("glance")
    assert "load_balancer" not in default().services


# --- Addresses ------------------------------------------------------------------------------------------------


def test_several_controllers_are_reached_under_one_address() -> None:
    assert {urlsplit(url).hostname for url in several().cloud.urls.values()} == {INTERNAL, PUBLIC}
    assert several().options("controller")["database"]["connection"].endswith("@192.0.2.100:3306/nova")
    metadata = several().options("neutron", "/etc/neutron/metadata_agent.ini")["DEFAULT"]
    assert metadata["nova_metadata_host"] == INTERNAL


def test_their_services_leave_that_address_alone() -> None:
    assert list(starts(several())) == [
        "keystone",
        "placement-api",
        "neutron-server",
        "nova-api",
        "nova-api-metadata",
    ]
    assert starts(several())["nova-api-metadata"] == (
        'DAEMON_ARGS="--http-socket 192.0.2.11:8775 --ini /etc/nova/nova-api-metadata-uwsgi.ini"'
    )
    assert several().options("glance")["DEFAULT"]["bind_host"] == "192.0.2.11"
    assert several().options("controller")["vnc"]["novncproxy_host"] == "192.0.2.11"
    assert "http://192.0.2.11:6080/vnc_lite.html" in several().answers("controller")


def test_the_addresses_are_on_one_controller_at_a_time() -> None:
    words = keeper(several()).split()
    assert words[words.index("interface") + 1] == "eth7"
    assert words[words.index("unicast_src_ip") + 1] == "192.0.2.11"
    peers = words[words.index("unicast_peer") + 2 :]
    assert peers[: peers.index("}")] == ["192.0.2.12", "192.0.2.13"]
    kept = words[words.index("virtual_ipaddress") + 2 :]
    assert kept[: kept.index("}")] == [INTERNAL, PUBLIC]


def test_connections_end_with_the_address_that_they_came_from() -> None:
    kill = '"/usr/bin/ss --kill src 192.0.2.100 or src 198.51.100.100"'
    assert keeper(several()).count(kill) == 3


# --- What is passed on ----------------------------------------------------------------------------------------


def test_what_comes_in_is_passed_on_to_those_that_answer() -> None:
    found = passed_on(several())
    assert list(found) == [*APIS, "console", "database"]
    assert found["nova"][:2] == ["bind 192.0.2.100:8774 transparent", "bind 198.51.100.100:8774 transparent"]
    assert servers(found["nova"]) == [
        f'server {name} {address}:8774 check agent-check agent-port 9201 agent-inter 1s agent-send "nova\\n"'
        for name, address in ADDRESSES.items()
    ]
    # Nothing copies images from one controller to another: the others know what there is, when the first is away.
    words = [line.split() for line in servers(found["glance"])]
    assert [(each[1], each[-1]) for each in words] == [
        ("controller1", '"glance\\n"'),
        ("controller2", "backup"),
        ("controller3", "backup"),
    ]
    # A console lasts, and is never asked for before its proxy stops.
    assert found["console"]
    assert not [line for line in found["console"] if "agent" in line]


@pytest.mark.parametrize(
    ("host", "shared", "refused"),
    [
        ("controller1", False, ()),
        ("controller2", False, ("add_image", "copy_image", "delete_image", "modify_image", "upload_image")),
        ("controller2", True, ()),
    ],
)
def test_controllers_without_the_images_change_none(
    host: str, shared: bool, refused: tuple[str, ...]
) -> None:
    seen = site(host, ADDRESSES, cloud_internal_address=INTERNAL, glance_datadir_shared=shared)
    assert yaml.safe_load(seen.plain_files("glance")[POLICY]) == dict.fromkeys(refused, "!")
    assert ("backup" in json.dumps(passed_on(seen)["glance"])) is not shared


def test_one_node_of_the_database_is_written_to_at_a_time() -> None:
    section = passed_on(several())["database"]
    assert [line for line in section if line.startswith(("bind", "server"))] == [
        "bind 192.0.2.100:3306 transparent",
        "server controller1 192.0.2.11:3306 check port 9200",
        "server controller2 192.0.2.12:3306 check port 9200 backup",
        "server controller3 192.0.2.13:3306 check port 9200 backup",
    ]


# --- Restarts -------------------------------------------------------------------------------------------------


def test_controllers_restart_one_after_the_other() -> None:
    assert (several().cloud.restarts_at_a_time, several().cloud.leads) == (1, True)
    assert site("controller2", ADDRESSES).cloud.leads is False


def test_apis_give_notice_before_they_stop() -> None:
    found = departures(several())
    units = ["keystone", "glance-api", "placement-api", "neutron-api", "nova-api", "nova-api-metadata"]
    assert list(found) == [DEPARTURES.format(unit) for unit in units]
    path = DEPARTURES.format("nova-api")
    # Or else systemd would start a unit that it has forgotten without it.
    (unit,) = [each for each in several().service("controller")["units"] if each["name"] == "nova-api"]
    assert path in unit["watch"]
    program = "+/usr/bin/python3 /usr/local/lib/stackwright-departure"
    assert f"ExecStop={program} leave nova 8774" in found[path]
    assert f"ExecStartPost={program} return nova http://192.0.2.11:8774/" in found[path]
    assert {
        "/usr/local/lib/stackwright-departure",
        "/etc/systemd/system/stackwright-departure.service",
        "/etc/sysctl.d/60-stackwright-load-balancer.conf",
    } <= {*several().plain_files("load_balancer")}


def test_the_next_controller_waits_until_this_one_is_back() -> None:
    assert several().answers("controller")[-2:] == [
        "http://127.0.0.1:9202/nova/controller1",
        "http://127.0.0.1:9202/metadata/controller1",
    ]
    assert several().answers("database")[-1] == "http://127.0.0.1:9202/database/controller1"
    state = balancer(several()).partition("frontend state")[2].partition("listen ")[0]
    assert "bind 127.0.0.1:9202" in state
    for service in passed_on(several()):
        for name in ADDRESSES:
            assert f"{{ path /{service}/{name} }} {{ srv_is_up({service}/{name}) }}" in state


def test_what_several_controllers_need_is_installed_with_the_rest() -> None:
    alone, all_packages = (each.service("packages")["all"] for each in (default(), several()))
    assert [each for each in all_packages if each not in alone] == [
        "mariadb-backup",
        "haproxy",
        "keepalived",
    ]
    assert [each for each in alone if each not in all_packages] == []


def test_each_controller_is_a_whole_network_node() -> None:
    section = several().options("neutron")["DEFAULT"]
    assert section["l3_ha"] is True
    assert (section["max_l3_agents_per_router"], section["dhcp_agents_per_network"]) == (3, 3)


# --- TLS ------------------------------------------------------------------------------------------------------


def test_with_tls_the_state_of_apis_and_databases_is_asked_over_tls() -> None:
    asked = f"check-ssl verify required ca-file {AUTHORITY}"
    sections = passed_on(several_secure())
    for name in (*APIS, "database"):
        assert len([line for line in servers(sections[name]) if asked in line]) == 3, name
    assert "ssl" not in balancer(several())
    # One that is only busy answers in the end.
    assert [name for name, lines in sections.items() if "default-server fall 10" in lines] == APIS
    assert "fall 10" not in balancer(several())
    unit = several_secure().plain_files("load_balancer")[CHECK_UNIT]
    assert " /etc/mysql/ssl/stackwright.crt /etc/mysql/ssl/stackwright.key\n" in unit
    assert "stackwright.crt" not in several().plain_files("load_balancer")[CHECK_UNIT]
    lines = departures(several_secure())[DEPARTURES.format("nova-api")]
    assert [line for line in lines if line.endswith(f"return nova https://192.0.2.11:8774/ {AUTHORITY}")]


def test_with_tls_caches_are_reached_through_the_load_balancers_on_both_sides() -> None:
    sections = passed_on(several_secure())
    assert sections["cache_controller1"][-2:] == [
        "bind 127.0.0.1:11221",
        "server controller1 127.0.0.1:11211",
    ]
    bind, server = sections["cache_controller3"][-2:]
    assert bind == "bind 127.0.0.1:11223"
    assert server.startswith(
        "server controller3 192.0.2.13:9203 check ssl crt /etc/haproxy/ssl/stackwright.crt"
    )
    assert server.endswith("verify required")
    assert "192.0.2.11:9203 ssl crt" in balancer(several_secure())
    copies = several_secure().service("certificates")["copies"]
    assert "/etc/haproxy/ssl/stackwright.crt" in [each.get("certificate") for each in copies]
