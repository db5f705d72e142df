# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts have other certificates than before they were renewed."""

from __future__ import annotations

import re

from testinfra.host import Host

testinfra_hosts = ["ansible://all"]


def test_the_certificate_is_another_one(host: Host) -> None:
    now = host.file("/etc/stackwright/tls/host.crt").content_string
    assert now.startswith("-----BEGIN CERTIFICATE-----")
    assert now != host.file("/root/host.crt").content_string


def test_libvirt_shows_others_another_one(host: Host, listening: dict[int, set[str]]) -> None:
    """It was not restarted for that."""
    if 16514 not in listening:
        return
    (address,) = listening[16514]
    shown = host.run(f"openssl s_client -connect {address}:16514 </dev/null 2>/dev/null").stdout
    now = host.file("/etc/pki/libvirt/servercert.pem").content_string
    assert _first(shown) == _first(now) != _first(host.file("/root/servercert.pem").content_string)


def _first(text: str) -> str:
    """The first certificate of a text."""
    return re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.S)[0]
