# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The proof tells when the certificates that hosts have now will end."""

from __future__ import annotations

import json

import pytest
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller1"]


@pytest.mark.parametrize("name", ["controller1", "compute1"])
def test_the_proof_shows_when_they_end(host: Host, runner: AnsibleRunner, name: str) -> None:
    report = json.loads(host.file("/var/lib/stackwright/proof.json").content_string)
    (shown,) = [one["certificates"] for one in report["hosts"] if one["inventory_name"] == name]
    ends = {one["path"]: one["until"] for one in shown}
    assert {"/etc/stackwright/tls/host.crt", "/etc/stackwright/tls/ca.crt"} <= set(ends)
    subject = runner.get_host(name)
    for path, end in ends.items():
        now = subject.check_output(f"openssl x509 -noout -enddate -dateopt iso_8601 -in {path}")
        assert now == f"notAfter={end.replace('T', ' ')}", path
