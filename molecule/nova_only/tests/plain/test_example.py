# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the example of docs/nova-alone.md says has arrived."""

from __future__ import annotations

import configparser

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://all"]


@pytest.fixture(scope="module")
def options(host: Host) -> configparser.RawConfigParser:
    """The host's nova.conf."""
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
    reader.read_string(host.file("/etc/nova/nova.conf").content_string)
    return reader


@pytest.mark.parametrize("section", ["neutron", "placement", "glance", "keystone", "keystone_authtoken"])
def test_nova_looks_in_the_region_of_the_site(options: configparser.RawConfigParser, section: str) -> None:
    assert options[section]["region_name"] == "north"


def test_nova_goes_to_the_services_of_the_site(options: configparser.RawConfigParser) -> None:
    assert options["keystone_authtoken"]["auth_url"] == "http://keystone.example.org:5000/v3"
    assert options["keystone_authtoken"]["www_authenticate_uri"] == "https://keystone.example.org/v3"
    assert options["keystone_authtoken"]["memcached_servers"] == "cache.example.org:11211"
    assert options["DEFAULT"]["transport_url"].endswith("@mq.example.org:5672/")
    assert options["neutron"]["project_name"] == "services"


def test_the_option_of_the_compute_hosts_is_there(host: Host, options: configparser.RawConfigParser) -> None:
    on_compute = host.backend.get_hostname() == "compute1"
    assert options["DEFAULT"].get("cpu_allocation_ratio") == ("4" if on_compute else None)
