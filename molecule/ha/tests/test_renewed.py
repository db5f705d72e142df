# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each server of each controller shows the certificate that the host has since all of them were renewed."""

from __future__ import annotations

import pytest
from deployed.questions import SERVED, first_certificate, shown_certificate
from testinfra.host import Host

testinfra_hosts = ["ansible://controller"]

CERTIFICATE = "/etc/stackwright/tls/host.crt"
# Those that controllers alone reach ask them for a certificate, too.
SERVERS = {
    **SERVED,
    "RabbitMQ's nodes": "25672",
    "Galera": "4567",
    "memcached": "9203",
    "state of the database": "9200",
}


def test_the_certificate_is_another_one(host: Host) -> None:
    before, now = (
        first_certificate(host.file(path).content_string) for path in ("/root/host.crt", CERTIFICATE)
    )
    assert now != before


@pytest.mark.parametrize("server", SERVERS.values(), ids=SERVERS.keys())
def test_what_is_shown_is_the_new_one(host: Host, server: str) -> None:
    # The first address of the interface is the host's own, and the shared one comes after it.
    address = host.check_output("ip -4 -brief address show dev eth0").split()[2].partition("/")[0]
    own = f"-cert {CERTIFICATE} -key /etc/stackwright/tls/host.key"
    now = first_certificate(host.file(CERTIFICATE).content_string)
    assert shown_certificate(host, f"{address}:{server}", own) == now
