# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nova's control side: its services, its ports, its files."""

from __future__ import annotations

import pytest
from deployed.questions import databases, lost_directories, ownership, uwsgi_threads
from testinfra.host import Host

testinfra_hosts = ["ansible://controller"]

RUNNING = ["nova-api", "nova-api-metadata", "nova-conductor", "nova-scheduler", "nova-novncproxy"]
PORTS = {"Nova": 8774, "Nova metadata": 8775, "noVNC": 6080}


@pytest.mark.parametrize("name", RUNNING)
def test_service_runs_and_starts_at_boot(units: dict[str, dict[str, str]], name: str) -> None:
    assert units[name]["SubState"] == "running"
    assert units[name]["UnitFileState"] == "enabled"


def test_a_unit_that_stops_takes_nothing_away_from_others(units: dict[str, dict[str, str]]) -> None:
    assert lost_directories(units, "nova") == []


@pytest.mark.parametrize("name", ["nova-serialproxy", "nova-spicehtml5proxy"])
def test_other_console_proxies_do_not_run(units: dict[str, dict[str, str]], name: str) -> None:
    if name in units:
        assert units[name]["ActiveState"] == "inactive"
        assert units[name]["UnitFileState"] == "disabled"


@pytest.mark.parametrize("port", PORTS.values(), ids=PORTS.keys())
def test_port_is_open(listening: dict[int, set[str]], port: int) -> None:
    assert port in listening


def test_configuration_belongs_to_nova_alone(host: Host) -> None:
    assert ownership(host, "/etc/nova/nova.conf") == ("root", "nova", "0o640")


def test_the_console_proxy_is_novnc(host: Host) -> None:
    assert host.file("/etc/default/nova-consoleproxy").contains("^NOVA_CONSOLE_PROXY_TYPE=novnc$")
    assert "novncproxy" in host.check_output("systemctl show --property=ExecStart,MainPID nova-novncproxy")


def test_databases_hold_the_schemas(host: Host) -> None:
    assert {"nova_api", "nova", "nova_cell0"} <= databases(host)


def test_the_proof_left_its_report_and_nothing_else(host: Host) -> None:
    report = host.file("/var/lib/stackwright/proof.json")
    if report.exists:
        assert (report.user, oct(report.mode)) == ("root", "0o644")


@pytest.mark.parametrize("name", ["nova-api", "nova-api-metadata"])
def test_api_whose_threads_get_in_each_others_way_has_one(host: Host, name: str) -> None:
    assert uwsgi_threads(host, name) == ["threads=1"]
