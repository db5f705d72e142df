# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova uses servers of the site that speak nothing but TLS, and believes the site's authority alone."""

from __future__ import annotations

import configparser
import re

import pytest
from deployed.questions import database_logins
from testinfra.host import Host

testinfra_hosts = ["ansible://all"]

AUTHORITY = "/etc/ssl/certs/example-ca.pem"


@pytest.fixture(scope="module")
def controls(host: Host) -> bool:
    """Whether the host is the controller."""
    return bool(host.backend.get_hostname() == "controller1")


@pytest.fixture(scope="module")
def options(host: Host) -> configparser.RawConfigParser:
    """The host's nova.conf."""
    reader = configparser.RawConfigParser(strict=False, allow_no_value=True)
    reader.read_string(host.file("/etc/nova/nova.conf").content_string)
    return reader


def test_the_message_queue_has_no_other_port(listening: dict[int, set[str]], controls: bool) -> None:
    assert {5671, 5672} & set(listening) == ({5671} if controls else set())


def test_the_database_server_takes_no_login_without_tls(host: Host, controls: bool) -> None:
    if controls:
        assert database_logins(host) == {"with TLS": "in", "without": "refused"}


def test_services_believe_the_authority_of_the_site(
    options: configparser.RawConfigParser, controls: bool
) -> None:
    assert options["DEFAULT"]["transport_url"].endswith("@mq.example.org:5671/")
    rabbit = options["oslo_messaging_rabbit"]
    assert (rabbit["ssl"].lower(), rabbit["ssl_ca_file"]) == ("true", AUTHORITY)
    if controls:
        for section in ("database", "api_database"):
            assert options[section]["connection"].endswith(f"?ssl_ca={AUTHORITY}")


def test_cells_lead_to_the_same_servers(host: Host, controls: bool) -> None:
    if controls:
        cells = host.check_output("runuser -u nova -- nova-manage cell_v2 list_cells 2>/dev/null")
        (cell,) = [line for line in cells.splitlines() if re.search(r"\| +cell1 +\|", line)]
        assert "@mq.example.org:5671/" in cell
        assert cell.count(f"ssl_ca={AUTHORITY}") == 1
