# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ports of all hosts speak: TLS with the host's certificate, and nowhere http."""

from __future__ import annotations

import json
import re

import pytest
from deployed.questions import SERVED, database_logins, first_certificate
from testinfra.host import Host

testinfra_hosts = ["ansible://all"]

AUTHORITY = "/etc/stackwright/tls/ca.crt"
HOST_CERTIFICATE = "/etc/stackwright/tls/host.crt"
# Asks each port that others reach for a page, and tells which answer as HTTP does.
_ASK = r"""
import json, re, socket, sys
asked, answered = [], {}
for address, port in json.loads(sys.argv[1]):
    asked.append(port)
    try:
        with socket.create_connection((address, port), 5) as stream:
            stream.sendall(b"GET / HTTP/1.1\r\nHost: cloud\r\nConnection: close\r\n\r\n")
            stream.settimeout(5)
            answer = stream.recv(4096)
    except OSError:
        continue
    if re.search(rb"HTTP/|<html", answer, re.I):
        answered[port] = answer[:60].decode(errors="replace")
print(json.dumps([asked, answered]))
"""


@pytest.fixture(scope="module")
def address(host: Host) -> str:
    """The host's management address."""
    return next(one for one in host.interface("eth0").addresses if one.startswith("172.31."))


def test_nothing_answers_over_http(host: Host, listening: dict[int, set[str]], address: str) -> None:
    everywhere = {"0.0.0.0", "*", "[::]"}
    ports = [
        (address if everywhere & addresses or address in addresses else sorted(addresses)[0], port)
        for port, addresses in sorted(listening.items())
        if not all(one.startswith(("127.", "[::1]")) for one in addresses)
    ]
    asked, answered = json.loads(host.check_output("python3 -c %s %s", _ASK, json.dumps(ports)))
    assert asked
    assert answered == {}


def test_the_message_queue_has_no_port_without_tls(listening: dict[int, set[str]]) -> None:
    assert 5672 not in listening


def test_the_database_takes_no_login_without_tls(host: Host, listening: dict[int, set[str]]) -> None:
    if 3306 in listening:
        assert database_logins(host) == {"with TLS": "in", "without": "refused"}


@pytest.mark.parametrize("port", SERVED.values(), ids=SERVED.keys())
def test_what_is_served_is_the_host_s_certificate(
    host: Host, inventory: dict[str, list[str]], port: str
) -> None:
    """By the name under which services ask for it, from every host."""
    controller = inventory["controller"][0]
    seen = host.run(
        f"openssl s_client -connect {controller}:{port} -CAfile {AUTHORITY} -verify_hostname {controller}"
        " -verify_return_error </dev/null 2>&1"
    )
    assert seen.rc == 0, seen.stdout
    # It ends well, too, where it was shown none.
    assert re.search(r"^New, TLSv1\.[23], ", seen.stdout, re.M)
    shown = first_certificate(seen.stdout)
    if host.backend.host == controller:
        assert shown == first_certificate(host.file(HOST_CERTIFICATE).content_string)


def test_keys_are_read_by_their_services_alone(host: Host) -> None:
    keys = host.check_output(
        "find /etc -name 'stackwright.pem' -o -name 'stackwright.key' -o -path '*/libvirt-vnc/server-key.pem'"
        " -o -path /etc/stackwright/tls/host.key"
    ).split()
    assert keys
    for key in keys:
        file = host.file(key)
        assert file.user == "root"
        assert oct(file.mode) == ("0o600" if file.group == "root" else "0o640"), key


def test_nothing_is_left_unchecked(host: Host) -> None:
    """No service is told to believe whoever answers."""
    lines = host.check_output(
        "grep --recursive --no-messages --extended-regexp --ignore-case"
        " '^ *(\\w*insecure\\w* *= *(true|1|yes)|verify *= *false|ssl_verify_cert *= *false)' /etc/nova /etc/neutron"
        " /etc/glance /etc/keystone /etc/placement /etc/openstack || true"
    )
    assert lines == ""
