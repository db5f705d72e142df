# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database, the message queue and the cache: where they listen, and what becomes of them with TLS and clusters."""

from __future__ import annotations

import json
import re
from configparser import ConfigParser

import pytest
from ansible_collections.stackwright.nova.plugins.plugin_utils._cloud import secrets
from fakes import described
from fakes.sites import (
    ADDRESSES,
    AUTHORITY,
    CERTIFICATES,
    INTERNAL,
    Site,
    default,
    secure,
    several,
    several_secure,
    site,
    special,
)

QUEUE_FILE = "/etc/rabbitmq/rabbitmq.conf"


def database(of: Site) -> dict[str, dict[str, str]]:
    """The sections of MariaDB's file."""
    ((_path, text),) = (
        each
        for each in of.plain_files("database").items()
        if each[1].startswith("# Ansible managed\n[mysqld]")
    )
    parser = ConfigParser(delimiters=["="], interpolation=None)
    parser.read_string(text)
    return {name: dict(parser[name]) for name in parser.sections()}


def listeners(of: Site) -> list[tuple[str, str]]:
    """The listeners of the message queue, each with the pattern that finds its line."""
    return [
        (each["line"], each["regexp"])
        for each in of.service("message_queue")["lines"]
        if re.match(r"listeners\.\w+\.\d", each["line"])
    ]


def hosts_known(of: Site) -> list[tuple[str, str]]:
    """Lines of the message queue that say which host has which address, each with the pattern that finds it."""
    lines = of.service("message_queue")["lines"]
    return [(each["line"], each["regexp"]) for each in lines if each["line"].startswith("{host,")]


# --- The message queue ----------------------------------------------------------------------------------------


def test_the_message_queue_listens_on_the_management_address_and_for_its_own_host() -> None:
    assert [line for line, _pattern in listeners(default())] == [
        "listeners.tcp.1 = 192.0.2.11:5672",
        "listeners.tcp.2 = 127.0.0.1:5672",
        "listeners.tcp.3 = 127.0.1.1:5672",
    ]
    assert [line for line, _pattern in listeners(special())] == ["listeners.tcp.1 = 2001:db8::11:5672"]
    assert special().answers("message_queue") == ["tcp://[2001:db8::11]:5672"]


def test_other_listeners_of_the_message_queue_go() -> None:
    """As file_lines does it: the first line takes the place of all that its pattern finds."""
    theirs = ["listeners.tcp.default = 5672", "listeners.tcp = none", " listeners.tcp.4 = 0.0.0.0:5672"]
    lines = [line for line, _pattern in listeners(default())]
    first, *others = [re.compile(pattern) for _line, pattern in listeners(default())]
    assert [line for line in [*theirs, lines[0]] if not first.search(line)] == []
    for line in lines[1:]:
        assert not first.search(line)
        assert len([one for one in others if one.search(line)]) == 1


@pytest.mark.parametrize(
    ("node", "names"),
    [("controller1", '["controller1"]'), ("c1.example.org", '["c1.example.org","c1"]')],
)
def test_the_message_queue_knows_its_own_names_by_itself(node: str, names: str) -> None:
    facts = {"nodename": node, "distribution": "Debian", "distribution_major_version": "12"}
    cloud = described.cloud(hostvars={"controller1": {"ansible_facts": facts}})
    lines = [each["line"] for each in described.services(cloud)["message_queue"]["lines"]]
    assert f"{{host, {{127,0,0,1}}, {names}}}." in lines
    assert "export ERL_EPMD_ADDRESS=127.0.0.1" in lines


def test_queues_are_kept_on_several_nodes() -> None:
    for name in ("controller", "compute", "neutron"):
        assert several().options(name)["oslo_messaging_rabbit"] == {
            "rabbit_quorum_queue": True,
            # A node that has lost its power is left in this time.
            "heartbeat_timeout_threshold": 20,
        }
    url = several().options("compute")["DEFAULT"]["transport_url"]
    assert [f"@{address}:5672" in url for address in ADDRESSES.values()] == [True] * 3
    # Queues of another kind have their names in another virtual host.
    assert several().cloud.variables["cloud_message_queue_vhost"] == "cloud"
    assert url.rpartition("/")[2] == "cloud"
    assert "cluster_partition_handling = pause_minority" in several().lines("message_queue")


def test_nodes_of_the_message_queue_know_each_other_by_name() -> None:
    lines = [line for line, _pattern in hosts_known(several())]
    assert [line.split("}")[0] for line in lines] == [
        f"{{host, {{{address.replace('.', ',')}" for address in ADDRESSES.values()
    ]
    (arguments,) = [line for line in several().lines("message_queue") if line.startswith("CTL_ERL_ARGS")]
    assert "{192,0,2,11}" in arguments
    (socket,) = several().plain_files("message_queue").values()
    assert [line for line in socket.splitlines() if line.startswith("ListenStream=")] == [
        "ListenStream=127.0.0.1:4369",
        "ListenStream=192.0.2.11:4369",
    ]
    assert "cloud_message_queue_secret" in secrets.names(several().cloud)
    # As file_lines does it: the line of a lone node goes, and each finds its own one.
    first, *others = [re.compile(pattern) for _line, pattern in hosts_known(several())]
    assert first.search('{host, {127,0,0,1}, ["controller1"]}.')
    assert [bool(first.search(line)) for line in lines] == [True, False, False]
    assert [[bool(other.search(line)) for line in lines] for other in others] == [
        [False, True, False],
        [False, False, True],
    ]


def test_one_node_of_the_message_queue_is_no_cluster() -> None:
    assert default().cloud.variables["cloud_message_queue_vhost"] == "/"
    assert "cloud_message_queue_secret" not in secrets.names(default().cloud)
    assert default().plain_files("message_queue") == {}
    assert "pause_minority" not in json.dumps(default().service("message_queue"))


# --- The database ---------------------------------------------------------------------------------------------


def test_the_database_is_a_node_of_a_cluster() -> None:
    settings = database(several())["mysqld"]
    assert settings["wsrep_cluster_address"] == "gcomm://192.0.2.11,192.0.2.12,192.0.2.13"
    assert settings["wsrep_node_address"] == "192.0.2.11"
    alone = database(default())["mysqld"]
    assert not [name for name in alone if name.startswith("wsrep")]


# --- TLS ------------------------------------------------------------------------------------------------------


def test_with_tls_the_infrastructure_takes_nothing_else() -> None:
    assert listeners(secure())[0][0] == "listeners.ssl.1 = 192.0.2.11:5671"
    assert "listeners.tcp = none" in secure().lines("message_queue", QUEUE_FILE)
    assert database(secure())["mysqld"]["require_secure_transport"] == "on"
    assert secure().lines("cache")[0] == "-l 127.0.0.1"
    assert secure().answers("cache") == ["tcp://127.0.0.1:11211"]
    assert "require_secure_transport" not in database(default())["mysqld"]
    assert default().lines("cache")[0] == "-l 192.0.2.11"


def test_with_tls_the_clusters_speak_it_among_themselves() -> None:
    settings = database(several_secure())
    options = settings["mysqld"]["wsrep_provider_options"]
    assert "; socket.ssl=yes; " in options
    assert options[0] + options[-1] == '""'
    assert settings["sst"]["ssl-mode"] == "VERIFY_CA"
    assert settings["client"] == {"ssl-ca": AUTHORITY}
    assert "client" not in database(several())
    _port_mapper, nodes = several_secure().plain_files("message_queue").values()
    assert nodes.count("{verify, verify_peer}") == 2
    for line in ("SERVER_ADDITIONAL_ERL_ARGS=", "CTL_ERL_ARGS="):
        (given,) = [each for each in several_secure().lines("message_queue") if each.startswith(line)]
        assert given.endswith(' -proto_dist inet_tls -ssl_dist_optfile /etc/rabbitmq/cluster-tls.config"')
    for other in (several(), secure()):
        assert "inet_tls" not in json.dumps(other.service("message_queue"))
        assert "sst" not in database(other)
    assert "socket.ssl" not in database(several())["mysqld"]["wsrep_provider_options"]


# --- The cache ------------------------------------------------------------------------------------------------


def test_a_controller_asks_its_own_cache_where_it_is_the_only_one() -> None:
    assert default().options("keystone")["cache"]["memcache_servers"] == ["controller1:11211"]


def test_several_controllers_have_one_cache() -> None:
    assert several().lines("cache")[0] == "-l 192.0.2.11"
    assert several().options("keystone")["cache"]["memcache_servers"][0] == "192.0.2.11:11211"


def test_with_tls_the_cache_of_all_controllers_is_reached_through_the_load_balancer() -> None:
    places = ["127.0.0.1:11221", "127.0.0.1:11222", "127.0.0.1:11223"]
    assert several_secure().options("keystone")["cache"]["memcache_servers"] == places
    assert several_secure().options("glance")["keystone_authtoken"]["memcached_servers"] == places
    assert several_secure().lines("cache")[0] == "-l 127.0.0.1"


def test_what_one_keystone_remembers_another_must_not_miss() -> None:
    # A load balancer of the site's passes no cache on.
    given = {
        "cloud_tls": True,
        "cloud_certificate_files": CERTIFICATES,
        "cloud_internal_address": INTERNAL,
    }
    ours, theirs = (
        site(controllers=ADDRESSES, **given, load_balancer_enabled=enabled) for enabled in (True, False)
    )
    assert ours.options("keystone")["cache"]["enabled"] is True
    assert theirs.options("keystone")["cache"]["enabled"] is False
    # One of several controllers proves its address, too.
    assert ours.cloud.certificate_names == ["192.0.2.100", "192.0.2.11"]
    assert ours.answers("placement") == [
        "https://192.0.2.11:8778/",
        "http://127.0.0.1:9202/placement/controller1",
    ]
    assert theirs.answers("placement") == ["https://192.0.2.11:8778/"]
