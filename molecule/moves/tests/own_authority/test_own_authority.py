# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The site's own authority has issued the certificates; what the cloud's had issued for compute2 is still there."""

from __future__ import annotations

import pytest
from testinfra.host import Host

testinfra_hosts = ["local://"]

_LIST = "virsh --connect qemu+tls://%s/system list"
# libvirt's own clients do not even send a certificate that their authority has not signed.
_CONNECT = (
    "sleep 3 | openssl s_client -quiet -connect {address}:16514 -CAfile /etc/ssl/site/ca.pem"
    " -cert {certificate} -key {key}"
)
_JOURNAL = "journalctl --unit libvirtd --output cat --since @%s"


def test_compute_hosts_are_let_in(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    hosts["compute1"].check_output(_LIST, addresses["compute2"])
    hosts["compute2"].check_output(_LIST, addresses["compute1"])


@pytest.mark.parametrize(
    ("certificate", "key", "cause"),
    [
        pytest.param(
            "/root/web/clientcert.pem",
            "/root/web/clientkey.pem",
            "Distinguished Name is not on the list of allowed clients",
            id="of the site, for something else",
        ),
        pytest.param(
            "/root/kept/pki/libvirt/clientcert.pem",
            "/root/kept/pki/libvirt/private/clientkey.pem",
            "hasn't got a known issuer",
            id="of the cloud's own authority",
        ),
    ],
)
def test_other_certificates_are_refused(
    hosts: dict[str, Host], addresses: dict[str, str], certificate: str, key: str, cause: str
) -> None:
    since = hosts["compute1"].check_output("date +%s")
    connect = _CONNECT.format(address=addresses["compute1"], certificate=certificate, key=key)
    hosts["compute2"].run(f"bash -c '{connect}'")
    log = hosts["compute1"].check_output(_JOURNAL, since)
    assert cause in log
    assert "authentication failed" in log
