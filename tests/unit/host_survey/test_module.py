# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module host_survey: what it reads on this machine, and how it reads what `ip` prints."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from unittest import mock

import pytest
from ansible.module_utils import distro
from ansible.module_utils.common import sys_info
from ansible.module_utils.facts.system.distribution import Distribution
from ansible_collections.stackwright.nova.plugins.module_utils._clients import iproute
from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output
from ansible_collections.stackwright.nova.plugins.module_utils._host_survey import client
from ansible_collections.stackwright.nova.plugins.module_utils._host_survey.facts import platform_facts
from ansible_collections.stackwright.nova.plugins.modules import host_survey
from fakes.modules import run_module


def shown(arguments: tuple[str, ...]) -> Output:
    """What `ip` prints on a host with three interfaces, two of them on a route."""
    routes = '[{"dst":"default","nexthops":[{"dev":"eth0"},{"dev":"eth1"}]},{"dst":"default","dev":"eth0"}]'
    addresses = (
        '[{"ifname":"lo","addr_info":[{"local":"127.0.0.1"},{"local":"::1"}]},{},'
        '{"ifname":"eth0","addr_info":[{"local":"192.0.2.21"}]}]'
    )
    return Output(0, routes if "route" in arguments else addresses, "")


@pytest.fixture(autouse=True)
def ip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(iproute, "run_command", lambda argv, timeout: shown(argv))
    monkeypatch.setattr(client, "_interfaces", lambda: ["lo", "eth0", "eth1"])


def test_the_survey_is_what_this_machine_shows() -> None:
    result = run_module(host_survey)
    survey = result["survey"]
    assert result["changed"] is False
    assert set(result["ansible_facts"]) == {
        "ansible_distribution",
        "ansible_distribution_major_version",
        "ansible_nodename",
    }
    assert survey["nodename"] == os.uname().nodename
    assert survey["is_root"] is (os.geteuid() == 0)
    assert survey["addresses"] == {"lo": ["127.0.0.1", "::1"], "eth0": ["192.0.2.21"], "eth1": []}
    assert survey["default_interfaces"] == ["eth0", "eth1"]
    assert abs(survey["time"] - time.time()) < 60
    assert survey["disk"] == pytest.approx(
        os.statvfs("/usr").f_bavail * os.statvfs("/usr").f_frsize // 1024**2, abs=2000
    )
    assert survey["is_bare"] is not Path("/etc/nova/nova.conf").exists()


def test_names_and_servers_are_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        answering = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with socket.create_server(("127.0.0.1", 0)) as closed:
            silent = f"tcp://127.0.0.1:{closed.getsockname()[1]}"
        result = run_module(
            host_survey,
            names=["localhost", "192.0.2.1", "nobody.invalid", "a" * 300],
            connections=[answering, silent],
        )
    resolved = result["survey"]["resolved"]
    assert "127.0.0.1" in resolved.pop("localhost")
    assert resolved == {"192.0.2.1": ["192.0.2.1"], "nobody.invalid": [], "a" * 300: []}
    assert list(result["survey"]["refusals"]) == [silent]


def test_a_module_is_in_the_kernel_beside_it_or_nowhere(tmp_path: Path) -> None:
    root = f"{tmp_path}/"
    modules = tmp_path / "lib/modules/6.1"
    modules.mkdir(parents=True)
    assert not client.has_module("openvswitch", "6.1", root)
    (modules / "modules.dep").write_text(
        "kernel/net/openvswitch/vport-vxlan.ko.xz: kernel/net/openvswitch/openvswitch.ko.xz\n"
    )
    assert not client.has_module("openvswitch", "6.1", root)
    (modules / "modules.builtin").write_text("kernel/net/openvswitch/openvswitch.ko\n")
    assert client.has_module("openvswitch", "6.1", root)
    assert not client.has_module("openvswitch", "6.2", root)
    (tmp_path / "sys/module/openvswitch").mkdir(parents=True)
    assert client.has_module("openvswitch", "6.2", root)


def test_memory_is_what_there_is_with_swap() -> None:
    assert (
        client.memory_of(
            "MemTotal:    2048000 kB\nMemFree: 1 kB\nSwapTotal:   1024000 kB\nHugePages_Total: 0\n"
        )
        == 3000
    )


def test_a_program_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        iproute, "run_command", lambda argv, timeout: Output(255, "", 'Option "-json" is unknown\n')
    )
    result = run_module(host_survey)
    assert result["failed"]
    assert '`ip -json address show` says: Option "-json" is unknown' in result["msg"]


@pytest.mark.parametrize(
    ("release", "distribution", "major"),
    [
        ('ID=debian\nVERSION_ID="12"', "Debian", "12"),
        ('ID=ubuntu\nVERSION_ID="24.04"', "Ubuntu", "24"),
        ('ID="centos"\nVERSION_ID="7"', "CentOS", "7"),
        ('ID="rhel"\nVERSION_ID="9.4"', "RedHat", "9"),
        ('ID="rocky"\nVERSION_ID="9.4"', "Rocky", "9"),
        ('ID="almalinux"\nVERSION_ID="9.4"', "AlmaLinux", "9"),
        ('ID="ol"\nVERSION_ID="9.4"', "OracleLinux", "9"),
    ],
)
def test_distributions_have_the_names_that_facts_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, release: str, distribution: str, major: str
) -> None:
    file = tmp_path / "os-release"
    file.write_text(release)
    other = distro.LinuxDistribution(
        include_lsb=False, include_uname=False, os_release_file=str(file), root_dir=str(tmp_path)
    )
    monkeypatch.setattr(sys_info, "distro", other)
    facts = platform_facts()
    assert facts["ansible_distribution"] == distribution
    assert facts["ansible_distribution_major_version"] == major


def test_the_facts_are_those_that_setup_finds() -> None:
    """On this machine, whatever it is."""
    module = mock.Mock(run_command=mock.Mock(return_value=(1, "", "")))
    found = Distribution(module).get_distribution_facts()
    facts = platform_facts()
    assert facts["ansible_distribution"] == found["distribution"]
    assert facts["ansible_distribution_major_version"] == found["distribution_major_version"]


def test_the_survey_tells_where_packages_came_from(tmp_path: Path) -> None:
    root = f"{tmp_path}/"
    assert client.source_of_packages(root) == ""
    (tmp_path / "usr/lib/python3/dist-packages/nova").mkdir(parents=True)
    assert client.source_of_packages(root) == "distribution"
    (tmp_path / "opt/stackwright").mkdir(parents=True)
    (tmp_path / "opt/stackwright/release").symlink_to("2024.1")
    assert client.source_of_packages(root) == "virtualenv"
