# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller of the second cell, and its compute host: they talk to the cell's database and message queue alone."""

from __future__ import annotations

import json
import re

import pytest
from deployed.questions import databases, ownership
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://cellcontroller1"]

DATABASE, QUEUE, CONSOLE = 3306, 5672, 6080


def peers(host: Host, unit: str) -> set[tuple[str, int]]:
    """Where the processes of a unit are connected to."""
    pids = set(host.check_output("cat /sys/fs/cgroup/system.slice/%s.service/cgroup.procs", unit).split())
    found = set()
    for line in host.check_output(
        "ss --tcp --numeric --processes --no-header state established"
    ).splitlines():
        if set(re.findall(r"pid=(\d+)", line)) & pids:
            address, port = line.split()[3].rsplit(":", 1)
            found.add((address.strip("[]").removeprefix("::ffff:"), int(port)))
    return found


@pytest.mark.parametrize("name", ["mariadb", "rabbitmq-server", "nova-conductor", "nova-novncproxy"])
def test_service_runs_and_starts_at_boot(units: dict[str, dict[str, str]], name: str) -> None:
    assert (units[name]["SubState"], units[name]["UnitFileState"]) == ("running", "enabled")


@pytest.mark.parametrize("name", ["nova-api", "nova-scheduler", "keystone", "neutron-rpc-server"])
def test_it_has_nothing_that_the_cloud_has_once(host: Host, name: str) -> None:
    assert not host.service(name).exists


def test_its_database_is_the_cells(host: Host) -> None:
    assert "nova" in databases(host)
    assert not {"nova_api", "nova_cell0", "keystone"} & databases(host)


def test_the_conductor_uses_its_own_database_and_queue_alone(host: Host) -> None:
    own = host.addr("cellcontroller1").ipv4_addresses[0]
    used = {(address, port) for address, port in peers(host, "nova-conductor") if port in (DATABASE, QUEUE)}
    assert used == {(own, DATABASE), (own, QUEUE)}


def test_it_does_not_know_the_database_of_the_api(host: Host) -> None:
    lines = host.file("/etc/nova/nova.conf").content_string.splitlines()
    connections = [line for line in lines if re.match(r"(connection|transport_url)\s*=", line)]
    own = host.addr("cellcontroller1").ipv4_addresses[0]
    assert len(connections) == 2
    assert all(f"@{own}:" in line for line in connections)
    assert ownership(host, "/etc/nova/nova.conf") == ("root", "nova", "0o640")


def test_the_compute_host_consumes_from_its_queue(host: Host) -> None:
    listed = host.check_output("rabbitmqctl --quiet --formatter json list_queues name consumers")
    consumers = {one["name"]: one["consumers"] for one in json.loads(listed)}
    assert consumers["compute.compute2"] > 0
    assert consumers["conductor"] > 0
    assert "compute.compute1" not in consumers
    assert "scheduler" not in consumers


def test_nova_compute_is_connected_to_that_queue_alone(host: Host, runner: AnsibleRunner) -> None:
    compute = runner.get_host("compute2")
    own = host.addr("cellcontroller1").ipv4_addresses[0]
    assert {address for address, port in peers(compute, "nova-compute") if port == QUEUE} == {own}


def test_each_cell_has_accounts_of_its_own(host: Host, runner: AnsibleRunner) -> None:
    """Who reads the passwords of one cell has none of another."""
    own = host.file("/etc/nova/nova.conf").content_string
    first = runner.get_host("controller1")
    passwords = re.compile(r"^(?:connection|transport_url) ?= ?\S+://[^:]+:([^@]+)@", re.M)
    theirs = first.file("/etc/nova/nova.conf").content_string
    assert passwords.findall(own)
    assert not set(passwords.findall(own)) & set(passwords.findall(theirs))
