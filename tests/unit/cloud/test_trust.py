# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services trust: internal endpoints, one authority, an encrypted token cache, and where they are asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.catalogue import OptionCatalogue
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.parameters import (
    Desired,
    DesiredFile,
)
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._nova_conf_ini.state import State
from ansible_collections.stackwright.nova.plugins.module_utils._shared.services import SERVICES
from ansible_collections.stackwright.nova.plugins.plugin_utils._shipped_catalogues import shipped_catalogues
from fakes.sites import AUTHORITY, SITES, default, proven, secure, several, special

API_FILES = ("glance", "placement", "neutron", "controller")
METADATA = "/etc/neutron/metadata_agent.ini"


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("name", ["keystone", *API_FILES, "compute"])
def test_the_release_knows_all_options_and_takes_their_values(site: str, name: str) -> None:
    found = SITES[site]().service(name)
    files = tuple(
        DesiredFile(
            each["path"],
            each["options"],
            other_files=tuple(other["path"] for other in found["files"][:number]),
        )
        for number, each in enumerate(found["files"])
    )
    service = SERVICES[found["name"]]
    options = shipped_catalogues(service.name).catalogue("zed")
    catalogue = OptionCatalogue(service.name, options, service.dynamic_sections, service.modelled_sections)
    # The files are those of a host that has nothing installed. What is wrong is an error.
    written = plan(Desired(files, service.name, validate="strict", as_list=True), State({}, catalogue))
    assert written.result["release"] == "zed"
    assert written.result["paths_changed"][0] == found["files"][0]["path"]


@pytest.mark.parametrize("name", API_FILES)
def test_tokens_are_checked_at_the_internal_endpoint(name: str) -> None:
    assert default().options(name)["keystone_authtoken"]["interface"] == "internal"


@pytest.mark.parametrize("name", API_FILES)
def test_the_token_cache_is_encrypted(name: str) -> None:
    section = default().options(name)["keystone_authtoken"]
    assert section["memcache_security_strategy"] == "ENCRYPT"
    assert section["memcache_secret_key"] == "secret-of-cloud_memcache_secret"


def test_a_compute_host_has_no_key_to_the_token_cache() -> None:
    services = default().compute_services
    assert "secret-of-cloud_nova_password" in json.dumps(services["compute"])
    for name in ("compute", "neutron_agents"):
        assert "memcache_secret" not in json.dumps(services[name])


@pytest.mark.parametrize("name", ["controller", "compute"])
def test_nova_speaks_to_internal_endpoints(name: str) -> None:
    options = default().options(name)
    sections = ("placement", "neutron", "glance", "keystone")
    assert [options[section]["valid_interfaces"] for section in sections] == [["internal"]] * 4
    assert options["cinder"]["catalog_info"] == "volumev3::internalURL"


def test_neutron_speaks_to_the_internal_endpoint_of_nova() -> None:
    assert default().options("neutron")["nova"]["endpoint_type"] == "internal"


def places_of_authorities() -> Iterator[tuple[str, str]]:
    yield from ((name, "keystone_authtoken") for name in API_FILES)
    nova = ("service_user", "placement", "neutron", "glance", "keystone", "cinder")
    yield from ((name, section) for name in ("controller", "compute") for section in nova)
    yield "neutron", "nova"


@pytest.mark.parametrize(("name", "section"), list(places_of_authorities()))
def test_services_trust_the_authority_of_the_cloud(name: str, section: str) -> None:
    assert special().options(name)[section]["cafile"] == "/etc/ssl/cloud.pem"
    # Without one, a line that is left over is taken out.
    assert default().options(name)[section]["cafile"] is None


def test_the_metadata_agent_trusts_it_too() -> None:
    assert special().options("neutron", METADATA)["DEFAULT"]["auth_ca_cert"] == "/etc/ssl/cloud.pem"
    assert default().options("neutron", METADATA)["DEFAULT"]["auth_ca_cert"] is None


def test_guests_show_their_screens_to_the_management_network() -> None:
    options, address = default().options("compute"), default().compute.variables["cloud_management_address"]
    assert options["vnc"]["server_listen"] == address == "192.0.2.12"
    # The packages have another kind of screen, on, and on all addresses.
    assert options["spice"] == {"enabled": False, "server_listen": address}


PORTS = {"glance": [9292], "placement": [8778], "neutron": [9696], "controller": [8774, 8775, 6080]}


@pytest.mark.parametrize("name", PORTS)
def test_services_are_asked_where_they_listen(name: str) -> None:
    asked = default().answers(name)
    assert [url.split("/v")[0].rstrip("/") for url in asked] == [
        f"http://192.0.2.11:{number}" for number in PORTS[name]
    ]
    elsewhere = special().answers(name)
    assert len(elsewhere) == len(asked)
    assert not [url for url in elsewhere if "lb.example.org" in url]


def test_services_are_asked_where_the_site_has_them_listen() -> None:
    assert special().answers("placement") == ["http://[2001:db8::11]:8778/"]
    assert special().answers("glance") == ["http://192.0.2.9:9293/"]
    assert special().answers("controller")[-1] == "http://198.51.100.7:6090/vnc_lite.html"


def test_keystone_is_asked_by_its_url_too_because_the_next_tasks_take_it() -> None:
    assert special().answers("keystone") == [
        "http://[2001:db8::11]:5000/v3",
        "https://lb.example.org:5000/v3",
    ]


# --- TLS ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["controller", "compute", "neutron"])
def test_with_tls_the_services_believe_a_broker_that_proves_itself(name: str) -> None:
    options = secure().options(name)
    assert "@controller1:5671/" in options["DEFAULT"]["transport_url"]
    assert options["oslo_messaging_rabbit"] == {"ssl": True, "ssl_ca_file": AUTHORITY}


@pytest.mark.parametrize("name", ["controller", "compute", "neutron"])
def test_without_the_switch_options_of_the_broker_s_tls_are_left_alone(name: str) -> None:
    assert default().options(name)["oslo_messaging_rabbit"] == {}


@pytest.mark.parametrize(
    ("name", "section"),
    [
        ("keystone", "database"),
        ("glance", "database"),
        ("placement", "placement_database"),
        ("neutron", "database"),
        ("controller", "database"),
        ("controller", "api_database"),
    ],
)
def test_with_tls_the_services_believe_a_database_that_proves_itself(name: str, section: str) -> None:
    url = secure().options(name)[section]["connection"]
    assert url.partition("?")[2] == "ssl_ca=/etc/stackwright/tls/ca.crt"


def test_servers_without_tls_are_named() -> None:
    assert secure().cloud.plain_servers == []
    assert several().cloud.plain_servers == ["cloud_database_tls", "cloud_message_queue_tls"]


def test_with_tls_nothing_is_asked_or_told_over_http() -> None:
    assert "http://" in json.dumps(default().told())
    for site in (secure(), proven()):
        assert "http://" not in json.dumps(site.told())
    assert secure().options("glance")["keystone_authtoken"]["cafile"] == AUTHORITY
    assert secure().options("neutron", METADATA)["DEFAULT"]["nova_metadata_protocol"] == "https"
    assert secure().answers("controller")[-1] == "https://192.0.2.11:6080/vnc_lite.html"
    # The site's certificate is for a name.
    assert proven().answers("placement") == ["https://controller1:8778/"]


def test_with_tls_screens_are_shown_to_the_proxy_alone() -> None:
    assert {"vnc_tls = 1", "vnc_tls_x509_verify = 1"} <= set(secure().lines("compute"))
    options = secure().options("controller")
    assert options["vnc"]["auth_schemes"] == ["vencrypt"]
    assert options["DEFAULT"]["ssl_only"] is True
    lines = default().lines("compute")
    assert lines
    assert not [line for line in lines if line.startswith("vnc_")]


def test_certificates_are_for_all_names_by_which_services_are_asked() -> None:
    assert {"controller1", "192.0.2.11", "cloud.example.org", "127.0.0.1"} <= {
        *secure().cloud.certificate_names
    }
    assert proven().cloud.certificate_names == ["controller1", "images.example.org"]
    assert len(secure().cloud.urls) == 11


def test_one_controller_is_reached_by_its_name() -> None:
    hosts: set[Any] = {urlsplit(url).hostname for url in default().cloud.urls.values()}
    assert hosts == {"controller1"}
