# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All hosts have other certificates than before they were renewed."""

from __future__ import annotations

from deployed.questions import first_certificate, shown_certificate
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
    now = first_certificate(host.file("/etc/pki/libvirt/servercert.pem").content_string)
    assert shown_certificate(host, f"{address}:16514") == now
    assert now != first_certificate(host.file("/root/servercert.pem").content_string)
