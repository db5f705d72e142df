# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the roles trust: internal endpoints, one authority, an encrypted token cache, and where services listen.

The variables are rendered by a real ansible-playbook process.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from local_play import HERE, run_play

ROOT = Path(__file__).parents[3]
ROLES = ROOT / "roles"
DEPLOYED = (
    "database",
    "message_queue",
    "cache",
    "keystone",
    "glance",
    "placement",
    "neutron",
    "controller",
    "compute",
)
BESIDE = ("load_balancer", "certificates")
SECRETS = list(yaml.safe_load((ROLES / "cloud/vars/main.yml").read_text())["__cloud_secret_owners"])
TEMPLATE = "{{{{ lookup('ansible.builtin.template', '{}') }}}}"
APIS = "{{ __keystone_apis + __placement_apis + __neutron_apis + __controller_uwsgi_apis }}"
BALANCED = [{"name": "nova", "port": 8774, "unit": "nova-api"}, {"name": "database"}]
# Where an API checks tokens, and where a service logs in to another one.
RENDERED = {
    "glance": "{{ __glance_options }}",
    "placement": "{{ __placement_options }}",
    "controller": "{{ __controller_nova_options }}",
    "compute": "{{ (__compute_files | first).options }}",
    "neutron": "{{ __neutron_file.neutron.options }}",
    "metadata": "{{ __neutron_file.metadata.options }}",
    "listeners": "{{ __message_queue_listener_lines | map(attribute='line') }}",
    "listener_patterns": "{{ __message_queue_listener_lines | map(attribute='regexp') }}",
    "broker_tls": "{{ __message_queue_tls_lines | map(attribute='line') }}",
    "database": "{{ __database_settings }}",
    "transfer": "{{ __database_transfer_settings }}",
    "database_client": "{{ __database_client_settings }}",
    "emulator": "{{ __compute_lines | map(attribute='line') }}",
    "cache": "{{ cache_listen_address }}",
    "names": "{{ cloud_certificate_names }}",
    "urls": "{{ __cloud_urls }}",
    "plain_servers": "{{ __cloud_plain_servers }}",
    "node": "{{ (__message_queue_node_lines + __message_queue_host_lines) | map(attribute='line') }}",
    "node_patterns": "{{ __message_queue_host_lines | map(attribute='regexp') }}",
    "broker": "{{ __message_queue_lines | map(attribute='line') }}",
    "port_mapper": "{{ (__message_queue_files + __message_queue_watched_files) | map(attribute='content') }}",
    "keystone": "{{ __keystone_options }}",
    "starts": "{{ __service_listen_lines }}",
    "departures": "{{ __service_departures }}",
    "watched": "{{ __service_watched }}",
    "balanced_answers": "{{ __service_balanced_answers }}",
    "policies": "{{ __glance_policy_files }}",
    "packages": "{{ __packages_of_several }}",
    "balancer_files": "{{ __load_balancer_files | map(attribute='path') }}",
    "balancer_units": "{{ __load_balancer_units }}",
    "check_unit": "{{ __load_balancer_check_files | map(attribute='content') | last }}",
    "copies": "{{ __certificates_copies }}",
    "balancer": TEMPLATE.format(ROLES / "load_balancer/templates/haproxy.cfg.j2"),
    "keeper": TEMPLATE.format(ROLES / "load_balancer/templates/keepalived.conf.j2"),
    "hosts_of_urls": "{{ __cloud_urls.values() | map('ansible.builtin.urlsplit', 'hostname') | unique }}",
    "vhost": "{{ cloud_message_queue_vhost }}",
    "secrets": "{{ __cloud_secret_names }}",
    "at_a_time": "{{ __cloud_restarts_at_a_time }}",
    "leads": "{{ __cloud_leads }}",
    **{f"{role}_answers": f"{{{{ __{role}_answers_of_the_task }}}}" for role in DEPLOYED[:-1]},
}
FILES = {
    "nova": ["controller", "compute"],
    "glance": ["glance"],
    "placement": ["placement"],
    "neutron": ["neutron"],
}


def answers(role: str) -> Any:
    """What the role waits for, as it stands in its tasks."""
    (block,) = yaml.safe_load((ROLES / role / "tasks/main.yml").read_text())
    return block["vars"]["__service_answers"]


Render = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def render(tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Renders ``RENDERED`` with the variables of a site; the options go through nova_conf_ini of the release, too."""

    def rendered(controllers: Mapping[str, str] | None = None, **site: Any) -> dict[str, Any]:
        """What the first controller has; ``controllers`` are addresses by names, where there are several."""
        folder = tmp_path_factory.mktemp("site")
        play = {
            "hosts": "controller" if controllers else "controller1",
            "gather_facts": False,
            "vars_files": [
                *(str(ROLES / role / "defaults/main.yml") for role in (*DEPLOYED, *BESIDE, "cloud")),
                *(
                    str(ROLES / role / "vars/main.yml")
                    for role in ("service", *DEPLOYED, *BESIDE, "packages", "cloud")
                    if role != "cache"
                ),
                str(ROLES / "cloud/vars/Debian-12.yml"),
            ],
            "vars": {f"__{role}_answers_of_the_task": answers(role) for role in DEPLOYED[:-1]},
            "tasks": [
                {
                    "name": "Read the name of the host",
                    "ansible.builtin.setup": {
                        "gather_subset": ["!all", "!min", "platform"],
                        "filter": ["ansible_nodename"],
                    },
                },
                *(
                    {
                        "name": "Check the options against the release",
                        "stackwright.nova.nova_conf_ini": {
                            "service": service,
                            "release": "zed",
                            "path": str(folder / f"{name}.conf"),
                            "options": RENDERED[name],
                            # The options are those of a host that has nothing installed.
                            "validate": "strict",
                        },
                        "check_mode": True,
                    }
                    for service, names in FILES.items()
                    for name in names
                ),
                {
                    "name": "Write what was rendered",
                    "ansible.builtin.copy": {
                        "content": "{{ rendered | to_json }}",
                        "dest": str(folder / "seen-{{ inventory_hostname }}.json"),
                    },
                    "vars": {
                        "rendered": RENDERED,
                        "__service_apis": APIS,
                        "__service_balanced": BALANCED,
                        "__service_tls": "{{ __cloud_platform.controller.tls }}",
                        "packages_roles": ["database"],
                    },
                },
            ],
        }
        inventory = {
            "controller": {
                "hosts": {
                    name: {"cloud_management_address": address} if controllers else None
                    for name, address in (controllers or {"controller1": ""}).items()
                }
            },
            "compute": {"hosts": {"compute1": None}},
            "all": {"vars": HERE},
        }
        variables = {
            **({} if controllers else {"cloud_management_address": "192.0.2.11"}),
            **dict.fromkeys(SECRETS, "s3cret"),
            "cloud_memcache_secret": "key-of-the-cache",
            "compute_virt_type": "qemu",
            "load_balancer_interface": "eth7",
            **site,
        }
        # The controller is the compute host's file, too: on one host its options are in another file.
        run_play(folder, play, inventory, {**variables, "__compute_is_controller": False})
        return dict(json.loads((folder / "seen-controller1.json").read_text()))

    return rendered


@pytest.fixture(scope="module")
def default(render: Render) -> dict[str, Any]:
    return render()


@pytest.fixture(scope="module")
def special(render: Render) -> dict[str, Any]:
    """A site behind a separate load balancer, with a separate authority and IPv6."""
    return render(
        cloud_management_address="2001:db8::11",
        cloud_ca_cert="/etc/ssl/cloud.pem",
        cloud_identity_url="https://lb.example.org:5000/v3",
        cloud_image_url="https://lb.example.org:9292",
        cloud_compute_url="https://lb.example.org:8774/v2.1",
        cloud_network_url="https://lb.example.org:9696",
        cloud_placement_url="https://lb.example.org:8778",
        controller_console_address="198.51.100.7",
        controller_options={"vnc": {"novncproxy_port": 6090}},
        glance_options={"DEFAULT": {"bind_host": "192.0.2.9", "bind_port": 9293}},
        message_queue_listen_addresses=["2001:db8::11", "2001:db8::11"],
    )


@pytest.fixture(scope="module")
def secure(render: Render) -> dict[str, Any]:
    """A cloud that speaks TLS, with the switch as it comes from the command line."""
    return render(cloud_tls="true", cloud_secrets_file="/secrets.yml", cloud_public_host="cloud.example.org")


@pytest.fixture(scope="module")
def proven(render: Render) -> dict[str, Any]:
    """A cloud that speaks TLS with the site's own certificates."""
    files = {"ca": "/ca.pem", "certificate": "/cert.pem", "private_key": "/key.pem"}
    return render(
        cloud_tls=True, cloud_certificate_files=files, cloud_image_public_url="https://images.example.org"
    )


THREE = {"controller1": "192.0.2.11", "controller2": "192.0.2.12", "controller3": "192.0.2.13"}


@pytest.fixture(scope="module")
def several(render: Render) -> dict[str, Any]:
    """Three controllers behind one address for services, and another one for users. The command line says: no TLS."""
    return render(
        THREE,
        cloud_tls="false",
        cloud_database_tls="false",
        cloud_message_queue_tls="false",
        cloud_internal_address="192.0.2.100",
        cloud_public_address="198.51.100.100",
    )


@pytest.fixture(scope="module")
def several_secure(render: Render) -> dict[str, Any]:
    """Three controllers that speak TLS."""
    return render(
        THREE, cloud_tls=True, cloud_internal_address="192.0.2.100", cloud_secrets_file="/secrets.yml"
    )


API_FILES = ("glance", "placement", "neutron", "controller")


@pytest.mark.parametrize("name", API_FILES)
def test_tokens_are_checked_at_the_internal_endpoint(default: dict[str, Any], name: str) -> None:
    assert default[name]["keystone_authtoken"]["interface"] == "internal"


@pytest.mark.parametrize("name", API_FILES)
def test_the_token_cache_is_encrypted(default: dict[str, Any], name: str) -> None:
    section = default[name]["keystone_authtoken"]
    assert section["memcache_security_strategy"] == "ENCRYPT"
    assert section["memcache_secret_key"] == "key-of-the-cache"


def test_a_compute_host_has_no_key_to_the_token_cache(default: dict[str, Any]) -> None:
    assert "key-of-the-cache" not in json.dumps(default["compute"])


@pytest.mark.parametrize("name", ["controller", "compute"])
def test_nova_speaks_to_internal_endpoints(default: dict[str, Any], name: str) -> None:
    sections = ("placement", "neutron", "glance", "keystone")
    assert [default[name][section]["valid_interfaces"] for section in sections] == [["internal"]] * 4
    assert default[name]["cinder"]["catalog_info"] == "volumev3::internalURL"


def test_neutron_speaks_to_the_internal_endpoint_of_nova(default: dict[str, Any]) -> None:
    assert default["neutron"]["nova"]["endpoint_type"] == "internal"


def places_of_authorities() -> Iterator[tuple[str, str]]:
    yield from ((name, "keystone_authtoken") for name in API_FILES)
    nova = ("service_user", "placement", "neutron", "glance", "keystone", "cinder")
    yield from ((name, section) for name in ("controller", "compute") for section in nova)
    yield "neutron", "nova"


@pytest.mark.parametrize(("name", "section"), list(places_of_authorities()))
def test_services_trust_the_authority_of_the_cloud(
    default: dict[str, Any], special: dict[str, Any], name: str, section: str
) -> None:
    assert special[name][section]["cafile"] == "/etc/ssl/cloud.pem"
    # Without one, a line that is left over is taken out.
    assert default[name][section]["cafile"] is None


def test_the_metadata_agent_trusts_it_too(default: dict[str, Any], special: dict[str, Any]) -> None:
    assert special["metadata"]["DEFAULT"]["auth_ca_cert"] == "/etc/ssl/cloud.pem"
    assert not default["metadata"]["DEFAULT"]["auth_ca_cert"]


def test_guests_show_their_screens_to_the_management_network(default: dict[str, Any]) -> None:
    assert default["compute"]["vnc"]["server_listen"] == "192.0.2.11"
    # The packages have another kind of screen, on, and on all addresses.
    assert default["compute"]["spice"] == {"enabled": False, "server_listen": "192.0.2.11"}


def test_services_are_asked_where_they_listen(default: dict[str, Any], special: dict[str, Any]) -> None:
    ports = {"glance": [9292], "placement": [8778], "neutron": [9696], "controller": [8774, 8775, 6080]}
    for role, numbers in ports.items():
        asked = default[f"{role}_answers"]
        assert [url.split("/v")[0].rstrip("/") for url in asked] == [
            f"http://192.0.2.11:{number}" for number in numbers
        ]
        assert not [url for url in special[f"{role}_answers"] if "lb.example.org" in url]
    assert special["placement_answers"] == ["http://[2001:db8::11]:8778/"]
    assert special["glance_answers"] == ["http://192.0.2.9:9293/"]
    assert special["controller_answers"][-1] == "http://198.51.100.7:6090/vnc_lite.html"


def test_keystone_is_asked_by_its_url_too_because_the_next_tasks_take_it(special: dict[str, Any]) -> None:
    assert special["keystone_answers"] == ["http://[2001:db8::11]:5000/v3", "https://lb.example.org:5000/v3"]


def test_the_message_queue_listens_on_the_management_address_and_for_its_own_host(
    default: dict[str, Any], special: dict[str, Any]
) -> None:
    assert default["listeners"] == [
        "listeners.tcp.1 = 192.0.2.11:5672",
        "listeners.tcp.2 = 127.0.0.1:5672",
        "listeners.tcp.3 = 127.0.1.1:5672",
    ]
    assert special["listeners"] == ["listeners.tcp.1 = 2001:db8::11:5672"]
    assert special["message_queue_answers"] == ["tcp://[2001:db8::11]:5672"]


def test_other_listeners_of_the_message_queue_go(default: dict[str, Any]) -> None:
    """As file_lines does it: the first line takes the place of all that its pattern finds."""
    theirs = ["listeners.tcp.default = 5672", "listeners.tcp = none", " listeners.tcp.4 = 0.0.0.0:5672"]
    first, *others = map(re.compile, default["listener_patterns"])
    assert [line for line in [*theirs, default["listeners"][0]] if not first.search(line)] == []
    for line in default["listeners"][1:]:
        assert not first.search(line)
        assert len([one for one in others if one.search(line)]) == 1


AUTHORITY = "/etc/stackwright/tls/ca.crt"


@pytest.mark.parametrize("name", ["controller", "compute", "neutron"])
def test_with_tls_the_services_believe_a_broker_that_proves_itself(secure: dict[str, Any], name: str) -> None:
    assert "@controller1:5671/" in secure[name]["DEFAULT"]["transport_url"]
    assert secure[name]["oslo_messaging_rabbit"] == {"ssl": True, "ssl_ca_file": AUTHORITY}


def test_without_the_switch_options_of_the_broker_s_tls_are_left_alone(default: dict[str, Any]) -> None:
    assert {
        name: default[name]["oslo_messaging_rabbit"] for name in ("controller", "compute", "neutron")
    } == {
        "controller": {},
        "compute": {},
        "neutron": {},
    }


def test_with_tls_the_services_believe_a_database_that_proves_itself(secure: dict[str, Any]) -> None:
    urls = [
        secure["glance"]["database"]["connection"],
        secure["placement"]["placement_database"]["connection"],
        secure["neutron"]["database"]["connection"],
        secure["controller"]["database"]["connection"],
        secure["controller"]["api_database"]["connection"],
    ]
    assert [url.partition("?")[2] for url in urls] == ["ssl_ca=/etc/stackwright/tls/ca.crt"] * 5


def test_servers_without_tls_are_named(secure: dict[str, Any], several: dict[str, Any]) -> None:
    assert secure["plain_servers"] == []
    assert several["plain_servers"] == ["cloud_database_tls", "cloud_message_queue_tls"]


def test_with_tls_nothing_is_asked_or_told_over_http(secure: dict[str, Any], proven: dict[str, Any]) -> None:
    assert "http://" not in json.dumps([secure, proven])
    assert secure["glance"]["keystone_authtoken"]["cafile"] == AUTHORITY
    assert secure["metadata"]["DEFAULT"]["nova_metadata_protocol"] == "https"
    assert secure["controller_answers"][-1] == "https://192.0.2.11:6080/vnc_lite.html"
    # The site's certificate is for a name.
    assert proven["placement_answers"] == ["https://controller1:8778/"]


def test_with_tls_the_infrastructure_takes_nothing_else(
    secure: dict[str, Any], default: dict[str, Any]
) -> None:
    assert secure["listeners"][0] == "listeners.ssl.1 = 192.0.2.11:5671"
    assert "listeners.tcp = none" in secure["broker_tls"]
    assert secure["database"]["require_secure_transport"] == "on"
    assert secure["cache"] == "127.0.0.1"
    assert "require_secure_transport" not in default["database"]
    assert default["cache"] == "192.0.2.11"


def test_with_tls_screens_are_shown_to_the_proxy_alone(
    secure: dict[str, Any], default: dict[str, Any]
) -> None:
    assert {"vnc_tls = 1", "vnc_tls_x509_verify = 1"} <= set(secure["emulator"])
    assert secure["controller"]["vnc"]["auth_schemes"] == ["vencrypt"]
    assert secure["controller"]["DEFAULT"]["ssl_only"] is True
    assert not [line for line in default["emulator"] if line.startswith("vnc_")]


def test_certificates_are_for_all_names_by_which_services_are_asked(
    secure: dict[str, Any], proven: dict[str, Any]
) -> None:
    assert {"controller1", "192.0.2.11", "cloud.example.org", "127.0.0.1"} <= set(secure["names"])
    assert proven["names"] == ["controller1", "images.example.org"]
    assert len(secure["urls"]) == 11


def test_one_of_several_controllers_proves_its_address_too(render: Render) -> None:
    files = {"ca": "/ca.pem", "certificate": "/cert.pem", "private_key": "/key.pem"}
    site = {"cloud_tls": True, "cloud_certificate_files": files, "cloud_internal_address": "192.0.2.100"}
    seen = render(THREE, **site)
    assert seen["names"] == ["192.0.2.100", "192.0.2.11"]
    assert seen["placement_answers"] == ["https://192.0.2.11:8778/"]
    # A load balancer of the site's passes no cache on, and what one Keystone remembers another must not miss.
    away = render(THREE, **site, load_balancer_enabled=False)
    assert away["keystone"]["cache"]["enabled"] is False
    assert seen["keystone"]["cache"]["enabled"] is True


def test_the_message_queue_knows_its_own_names_by_itself(default: dict[str, Any]) -> None:
    names = dict.fromkeys([platform.node(), platform.node().split(".")[0]])
    assert f"{{host, {{127,0,0,1}}, {json.dumps(list(names), separators=(',', ':'))}}}." in default["node"]
    assert "export ERL_EPMD_ADDRESS=127.0.0.1" in default["node"]


def test_one_controller_is_not_made_for_several(default: dict[str, Any]) -> None:
    assert default["starts"] == []
    assert (default["vhost"], default["at_a_time"], default["leads"]) == ("/", 0, True)
    assert not [name for name in default["database"] if name.startswith("wsrep")]
    assert "l3_ha" not in default["neutron"]["DEFAULT"]
    assert "bind_host" not in default["glance"]["DEFAULT"]
    assert "cloud_message_queue_secret" not in default["secrets"]
    assert default["port_mapper"] == []
    assert "pause_minority" not in json.dumps(default["broker"])
    assert default["keystone"]["cache"]["memcache_servers"] == ["controller1:11211"]
    assert default["hosts_of_urls"] == ["controller1"]


def test_several_controllers_are_reached_under_one_address(several: dict[str, Any]) -> None:
    assert set(several["hosts_of_urls"]) == {"192.0.2.100", "198.51.100.100"}
    assert several["controller"]["database"]["connection"].endswith("@192.0.2.100:3306/nova")
    assert several["metadata"]["DEFAULT"]["nova_metadata_host"] == "192.0.2.100"


def test_their_services_leave_that_address_alone(several: dict[str, Any]) -> None:
    starts = {line["path"].rpartition("/")[2]: line["line"] for line in several["starts"]}
    assert list(starts) == ["keystone", "placement-api", "neutron-server", "nova-api", "nova-api-metadata"]
    assert starts["nova-api-metadata"] == (
        'DAEMON_ARGS="--http-socket 192.0.2.11:8775 --ini /etc/nova/nova-api-metadata-uwsgi.ini"'
    )
    assert several["glance"]["DEFAULT"]["bind_host"] == "192.0.2.11"
    assert several["controller"]["vnc"]["novncproxy_host"] == "192.0.2.11"
    assert several["cache"] == "192.0.2.11"
    assert several["controller_answers"][-1] == "http://192.0.2.11:6080/vnc_lite.html"


def test_they_restart_one_after_the_other(several: dict[str, Any]) -> None:
    assert (several["at_a_time"], several["leads"]) == (1, True)


def test_the_database_is_a_node_of_a_cluster(several: dict[str, Any]) -> None:
    assert several["database"]["wsrep_cluster_address"] == "gcomm://192.0.2.11,192.0.2.12,192.0.2.13"
    assert several["database"]["wsrep_node_address"] == "192.0.2.11"


def test_queues_are_kept_on_several_nodes(several: dict[str, Any]) -> None:
    for name in ("controller", "compute", "neutron"):
        assert several[name]["oslo_messaging_rabbit"] == {
            "rabbit_quorum_queue": True,
            # A node that has lost its power is left in this time.
            "heartbeat_timeout_threshold": 20,
        }
    url = several["compute"]["DEFAULT"]["transport_url"]
    assert [f"@{address}:5672" in url for address in THREE.values()] == [True] * 3
    # Queues of another kind have their names in another virtual host.
    assert (several["vhost"], url.rpartition("/")[2]) == ("cloud", "cloud")
    assert "cluster_partition_handling = pause_minority" in several["broker"]


def test_nodes_of_the_message_queue_know_each_other_by_name(several: dict[str, Any]) -> None:
    lines = [line for line in several["node"] if line.startswith("{host,")]
    assert [line.split("}")[0] for line in lines] == [
        f"{{host, {{{address.replace('.', ',')}" for address in THREE.values()
    ]
    assert "{192,0,2,11}" in next(line for line in several["node"] if line.startswith("CTL_ERL_ARGS"))
    (socket,) = several["port_mapper"]
    assert [line for line in socket.splitlines() if line.startswith("ListenStream=")] == [
        "ListenStream=127.0.0.1:4369",
        "ListenStream=192.0.2.11:4369",
    ]
    assert "cloud_message_queue_secret" in several["secrets"]
    # As file_lines does it: the line of a lone node goes, and each finds its own one.
    first, *others = map(re.compile, several["node_patterns"])
    assert first.search('{host, {127,0,0,1}, ["controller1"]}.')
    assert [bool(first.search(line)) for line in lines] == [True, False, False]
    assert [[bool(other.search(line)) for line in lines] for other in others] == [
        [False, True, False],
        [False, False, True],
    ]


def test_each_controller_is_a_whole_network_node(several: dict[str, Any]) -> None:
    section = several["neutron"]["DEFAULT"]
    assert (section["l3_ha"], section["max_l3_agents_per_router"], section["dhcp_agents_per_network"]) == (
        True,
        3,
        3,
    )


def listeners(text: str) -> dict[str, list[str]]:
    """The sections of HAProxy's file by name."""
    parts = re.split(r"^listen ", text, flags=re.MULTILINE)[1:]
    return {
        part.split()[0]: [line.strip() for line in part.splitlines()[1:] if line.strip()] for part in parts
    }


def test_what_comes_in_is_passed_on_to_those_that_answer(several: dict[str, Any]) -> None:
    found = listeners(several["balancer"])
    assert list(found) == [
        "keystone",
        "glance",
        "placement",
        "neutron",
        "nova",
        "metadata",
        "console",
        "database",
    ]
    assert found["nova"][:2] == ["bind 192.0.2.100:8774 transparent", "bind 198.51.100.100:8774 transparent"]
    assert [line for line in found["nova"] if line.startswith("server")] == [
        f'server {name} {address}:8774 check agent-check agent-port 9201 agent-inter 1s agent-send "nova\\n"'
        for name, address in THREE.items()
    ]
    # Nothing copies images from one controller to another: the others know what there is, when the first is away.
    servers = [line.split() for line in found["glance"] if line.startswith("server")]
    assert [(words[1], words[-1]) for words in servers] == [
        ("controller1", '"glance\\n"'),
        ("controller2", "backup"),
        ("controller3", "backup"),
    ]
    # A console lasts, and is never asked for before its proxy stops.
    assert not [line for line in found["console"] if "agent" in line]


def test_controllers_without_the_images_change_none(render: Render, several: dict[str, Any]) -> None:
    (first,) = several["policies"]
    assert yaml.safe_load(first["content"]) == {}
    away = render(THREE, cloud_internal_address="192.0.2.100", __cloud_leads=False)
    (other,) = away["policies"]
    assert yaml.safe_load(other["content"]) == dict.fromkeys(
        ["add_image", "copy_image", "delete_image", "modify_image", "upload_image"], "!"
    )
    shared = render(
        THREE, cloud_internal_address="192.0.2.100", __cloud_leads=False, glance_datadir_shared=True
    )
    assert yaml.safe_load(shared["policies"][0]["content"]) == {}
    assert "backup" not in json.dumps(listeners(shared["balancer"])["glance"])


def test_apis_give_notice_before_they_stop(several: dict[str, Any], default: dict[str, Any]) -> None:
    (departure,) = several["departures"]
    assert departure["path"] == "/etc/systemd/system/nova-api.service.d/stackwright-departure.conf"
    # Or else systemd would start a unit that it has forgotten without it.
    assert departure["path"] in several["watched"]
    lines = departure["content"].splitlines()
    program = "+/usr/bin/python3 /usr/local/lib/stackwright-departure"
    assert f"ExecStop={program} leave nova 8774" in lines
    assert f"ExecStartPost={program} return nova http://192.0.2.11:8774/" in lines
    assert {
        "/usr/local/lib/stackwright-departure",
        "/etc/systemd/system/stackwright-departure.service",
        "/etc/sysctl.d/60-stackwright-load-balancer.conf",
    } <= {*several["balancer_files"]}
    assert (default["departures"], default["balanced_answers"], default["policies"]) == ([], [], [])


def test_the_next_controller_waits_until_this_one_is_back(several: dict[str, Any]) -> None:
    assert several["balanced_answers"] == [
        "http://127.0.0.1:9202/nova/controller1",
        "http://127.0.0.1:9202/database/controller1",
    ]
    state = several["balancer"].partition("frontend state")[2].partition("listen ")[0]
    assert "bind 127.0.0.1:9202" in state
    for service in listeners(several["balancer"]):
        for name in THREE:
            assert f"{{ path /{service}/{name} }} {{ srv_is_up({service}/{name}) }}" in state


def test_what_several_controllers_need_is_installed_with_the_rest(
    several: dict[str, Any], default: dict[str, Any]
) -> None:
    assert several["packages"] == ["mariadb-backup", "haproxy", "keepalived"]
    assert default["packages"] == []


def test_one_node_of_the_database_is_written_to_at_a_time(several: dict[str, Any]) -> None:
    section = listeners(several["balancer"])["database"]
    assert [line for line in section if line.startswith(("bind", "server"))] == [
        "bind 192.0.2.100:3306 transparent",
        "server controller1 192.0.2.11:3306 check port 9200",
        "server controller2 192.0.2.12:3306 check port 9200 backup",
        "server controller3 192.0.2.13:3306 check port 9200 backup",
    ]


def test_with_tls_the_state_of_apis_and_databases_is_asked_over_tls(
    several_secure: dict[str, Any], several: dict[str, Any]
) -> None:
    asked = f"check-ssl verify required ca-file {AUTHORITY}"
    sections = listeners(several_secure["balancer"])
    for name in ("keystone", "glance", "placement", "neutron", "nova", "metadata", "database"):
        servers = [line for line in sections[name] if line.startswith("server")]
        assert len([line for line in servers if asked in line]) == 3, name
    assert "ssl" not in several["balancer"]
    # One that is only busy answers in the end.
    assert [name for name, lines in sections.items() if "default-server fall 10" in lines] == [
        "keystone",
        "glance",
        "placement",
        "neutron",
        "nova",
        "metadata",
    ]
    assert "fall 10" not in several["balancer"]
    assert " /etc/mysql/ssl/stackwright.crt /etc/mysql/ssl/stackwright.key\n" in several_secure["check_unit"]
    assert "stackwright.crt" not in several["check_unit"]
    (departure,) = several_secure["departures"]
    assert f"return nova https://192.0.2.11:8774/ {AUTHORITY}\n" in departure["content"]


def test_with_tls_the_clusters_speak_it_among_themselves(
    several_secure: dict[str, Any], several: dict[str, Any], secure: dict[str, Any]
) -> None:
    options = several_secure["database"]["wsrep_provider_options"]
    assert "; socket.ssl=yes; " in options
    assert options[0] + options[-1] == '""'
    assert several_secure["transfer"]["ssl-mode"] == "VERIFY_CA"
    assert several_secure["database_client"] == {"ssl-ca": AUTHORITY}
    assert several["database_client"] == {}
    _port_mapper, nodes = several_secure["port_mapper"]
    assert nodes.count("{verify, verify_peer}") == 2
    for line in ("SERVER_ADDITIONAL_ERL_ARGS=", "CTL_ERL_ARGS="):
        (given,) = [each for each in several_secure["node"] if each.startswith(line)]
        assert given.endswith(' -proto_dist inet_tls -ssl_dist_optfile /etc/rabbitmq/cluster-tls.config"')
    for other in (several, secure):
        assert "inet_tls" not in json.dumps([other["node"], other["port_mapper"]])
        assert other["transfer"] == {}
    assert "socket.ssl" not in several["database"]["wsrep_provider_options"]


def test_with_tls_the_cache_of_all_controllers_is_reached_through_it(
    several_secure: dict[str, Any], several: dict[str, Any]
) -> None:
    places = ["127.0.0.1:11221", "127.0.0.1:11222", "127.0.0.1:11223"]
    assert several_secure["keystone"]["cache"]["memcache_servers"] == places
    assert several_secure["glance"]["keystone_authtoken"]["memcached_servers"] == places
    assert several_secure["cache"] == "127.0.0.1"
    sections = listeners(several_secure["balancer"])
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
    assert "192.0.2.11:9203 ssl crt" in several_secure["balancer"]
    assert several["keystone"]["cache"]["memcache_servers"][0] == "192.0.2.11:11211"
    assert {"certificate": "/etc/haproxy/ssl/stackwright.crt"}.items() <= several_secure["copies"][-1].items()


def test_the_addresses_are_on_one_controller_at_a_time(several: dict[str, Any]) -> None:
    words = several["keeper"].split()
    assert words[words.index("interface") + 1] == "eth7"
    assert words[words.index("unicast_src_ip") + 1] == "192.0.2.11"
    peers = words[words.index("unicast_peer") + 2 :]
    assert peers[: peers.index("}")] == ["192.0.2.12", "192.0.2.13"]
    kept = words[words.index("virtual_ipaddress") + 2 :]
    assert kept[: kept.index("}")] == ["192.0.2.100", "198.51.100.100"]


def test_connections_end_with_the_address_that_they_came_from(several: dict[str, Any]) -> None:
    kill = '"/usr/bin/ss --kill src 192.0.2.100 or src 198.51.100.100"'
    assert several["keeper"].count(kill) == 3


def tasks(found: Any) -> Iterator[dict[str, Any]]:
    """Every task of a file, with the defaults of the blocks around it."""
    for item in found or []:
        common = item.get("module_defaults", {}).get("group/stackwright.nova.api", {})
        yield item
        for part in ("block", "rescue", "always"):
            yield from ({**task, "__defaults": common} for task in tasks(item.get(part)))


def calls() -> Iterator[Any]:
    """Every call of a module that speaks to an API."""
    for path in sorted(ROLES.glob("*/tasks/*.yml")):
        for task in tasks(yaml.safe_load(path.read_text())):
            for name, arguments in task.items():
                # The database has a separate authority, with the rest of its login.
                if not name.startswith("stackwright.nova.") or name.endswith("nova_db"):
                    continue
                # Keystone's keys and stopped units speak to no API.
                source = (
                    ROOT / "plugins/modules" / f"{name.removeprefix('stackwright.nova.')}.py"
                ).read_text()
                takes_interface = "stackwright.nova.openstack" in source
                if takes_interface or {"answers", "auth_url"} & arguments.keys():
                    given = {**task.get("__defaults", {}), **arguments}
                    yield pytest.param(given, takes_interface, id=f"{path.relative_to(ROLES)} {task['name']}")


@pytest.mark.parametrize(("given", "takes_interface"), list(calls()))
def test_every_module_that_speaks_to_an_api_knows_the_authority_and_the_interface(
    given: dict[str, Any], takes_interface: bool
) -> None:
    assert given["ca_cert"] == "{{ cloud_ca_cert or omit }}"
    if takes_interface:
        assert given["interface"] == "{{ cloud_interface }}"
