# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The screen of an instance, asked on its compute host past the console proxy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller1"]

_LOOK = (Path(__file__).parents[4] / "tests/deployed/vnc_look.py").read_text()
_AUTHORITY = "/etc/stackwright/tls/ca.crt"
_OWN = "/etc/stackwright/tls/host.crt /etc/stackwright/tls/host.key"
VENCRYPT, X509_NONE = 19, 260


@pytest.fixture(scope="module")
def address(runner: AnsibleRunner) -> str:
    """The management address of the compute host."""
    addresses = runner.get_host("compute1").interface("eth0").addresses
    return next(one for one in addresses if one.startswith("172.31."))


def look(host: Host, address: str, certificate: str = "") -> dict[str, Any]:
    """What tests/deployed/vnc_look.py sees."""
    seen: dict[str, Any] = json.loads(
        host.check_output(f"python3 -c %s {address} 5900 {_AUTHORITY} {certificate}", _LOOK)
    )
    return seen


def test_the_proxy_s_host_sees_it(host: Host, address: str) -> None:
    seen = look(host, address, _OWN)
    assert seen["refusal"] == ""
    assert "x" in seen["screen"]


def test_nothing_but_tls_with_certificates_is_offered(host: Host, address: str) -> None:
    seen = look(host, address)
    assert (seen["offered"], seen["within"]) == ([VENCRYPT], [X509_NONE])


def test_whoever_has_no_certificate_sees_nothing(host: Host, address: str) -> None:
    seen = look(host, address)
    assert seen["screen"] == ""
    assert seen["refusal"]


def test_a_certificate_of_another_authority_is_none(host: Host, address: str) -> None:
    host.check_output(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 -subj /CN=stranger"
        " -keyout /root/stranger.key -out /root/stranger.crt 2>&1"
    )
    seen = look(host, address, "/root/stranger.crt /root/stranger.key")
    assert seen["screen"] == ""
    assert seen["refusal"]
