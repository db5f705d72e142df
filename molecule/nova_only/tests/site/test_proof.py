# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook verify has proven the site's cloud, and asked for the agents that the site has."""

from __future__ import annotations

import json

from testinfra.host import Host

testinfra_hosts = ["ansible://controller"]


def test_the_cloud_was_proven(host: Host) -> None:
    report = json.loads(host.file("/var/lib/stackwright/proof.json").content_string)
    assert report["proven"]
    assert report["region"] == "north"
    # None is on the controller.
    (agents,) = [part["detail"] for part in report["parts"] if part["part"] == "network agents"]
    assert agents == "4 alive on 1 of 2 hosts"
