# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each cell has its own instances, and the cloud has those of both."""

from __future__ import annotations

import json

from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller1"]

# Nova keeps the rows of deleted instances.
_INSTANCES = "SELECT display_name, host FROM nova.instances WHERE display_name LIKE 'stackwright-proof%'"


def instances(host: Host) -> set[tuple[str, ...]]:
    """Names and hosts of the proof's instances in the database of the cell."""
    rows = host.check_output("mariadb --batch --skip-column-names --execute %s", _INSTANCES).splitlines()
    return {tuple(row.split("\t")) for row in rows}


def test_the_proof_had_an_instance_in_each_cell_with_its_screen(host: Host) -> None:
    report = json.loads(host.file("/var/lib/stackwright/proof.json").content_string)
    assert report["proven"]
    seen = {one["host"]: one["novnc_banner"] for one in report["instances"]}
    assert seen.keys() == {"compute1", "compute2"}
    assert all(banner.startswith("RFB ") for banner in seen.values())


def test_an_instance_lies_in_the_database_of_its_cell_alone(host: Host, runner: AnsibleRunner) -> None:
    other = runner.get_host("cellcontroller1")
    assert instances(host) == {("stackwright-proof-compute1", "compute1")}
    assert instances(other) == {("stackwright-proof-compute2", "compute2")}


def test_the_api_has_both_cells_and_their_urls_are_those_of_the_cells(host: Host) -> None:
    table = host.check_output("runuser -u nova -- nova-manage cell_v2 list_cells 2>/dev/null")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in table.splitlines()
        if line.startswith("| ")
    ]
    urls = {row[0]: (row[2], row[3]) for row in rows[1:]}
    assert urls.keys() == {"cell0", "cell1", "cell2"}
    address = host.addr("cellcontroller1").ipv4_addresses[0]
    assert all(f"@{address}:" in url for url in urls["cell2"])
    assert not any(f"@{address}:" in url for url in urls["cell1"])


def test_no_queue_of_the_cell_is_on_the_clouds_broker(host: Host) -> None:
    names = host.check_output("rabbitmqctl --quiet --formatter json list_queues name")
    queues = {one["name"] for one in json.loads(names)}
    assert "compute.compute1" in queues
    assert "compute.compute2" not in queues
    # The network agents of all hosts stay with the cloud.
    assert [name for name in queues if name.startswith("q-agent-notifier") and name.endswith(".compute2")]
