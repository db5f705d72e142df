# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud has forgotten the cell, and of the cell only its data are there."""

from __future__ import annotations

from typing import Any

import pytest
from deployed.questions import databases
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner

testinfra_hosts = ["ansible://controller1"]


@pytest.fixture(scope="module")
def cell(runner: AnsibleRunner) -> Host:
    """The controller of the cell."""
    return runner.get_host("cellcontroller1")


def test_it_is_mapped_no_more(host: Host) -> None:
    table = host.check_output("runuser -u nova -- nova-manage cell_v2 list_cells 2>/dev/null")
    assert "cell1" in table
    assert "cell2" not in table


def test_the_cloud_has_the_services_of_the_other_cell(openstack: dict[str, list[dict[str, Any]]]) -> None:
    services = openstack["compute service list"]
    assert {one["Host"] for one in services} == {"controller1", "compute1"}


def test_nova_started_anew_without_it(host: Host) -> None:
    """What runs has read the list of cells after it was written."""
    assert "cell2" not in host.file("/etc/nova/stackwright-cells").content_string
    written = host.check_output("stat --format=%Y /etc/nova/stackwright-cells")
    for unit in ("nova-api", "nova-scheduler"):
        started = host.check_output(
            'date --date="$(systemctl show --property=ExecMainStartTimestamp --value %s)" +%%s', unit
        )
        assert int(started) >= int(written)


@pytest.mark.parametrize("name", ["nova-conductor", "nova-novncproxy"])
def test_service_is_off(cell: Host, name: str) -> None:
    service = cell.service(name)
    assert service.exists
    assert not service.is_running
    assert not service.is_enabled


def test_its_data_are_there(cell: Host) -> None:
    assert "nova" in databases(cell)
