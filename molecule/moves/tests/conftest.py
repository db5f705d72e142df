# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The instance that moves, and the hosts between which it does."""

from __future__ import annotations

import pytest
from lab.guest_network import provider
from moves.traveller import Traveller
from testinfra.host import Host
from testinfra.utils.ansible_runner import AnsibleRunner


@pytest.fixture(scope="session")
def hosts(runner: AnsibleRunner, inventory: dict[str, list[str]]) -> dict[str, Host]:
    """All hosts, by name."""
    return {name: runner.get_host(name) for names in inventory.values() for name in names}


@pytest.fixture(scope="session")
def addresses(hosts: dict[str, Host]) -> dict[str, str]:
    """The address of each compute host in the migration network."""
    computes = {name: host for name, host in hosts.items() if name.startswith("compute")}
    return {name: _address(host, "10.78.0.") for name, host in computes.items()}


@pytest.fixture(scope="session")
def management(hosts: dict[str, Host]) -> dict[str, str]:
    """The management address of each host."""
    return {name: _address(host, "172.31.") for name, host in hosts.items()}


@pytest.fixture(scope="session")
def traveller(hosts: dict[str, Host], management: dict[str, str]) -> Traveller:
    """The instance, running."""
    traveller = Traveller(hosts["controller1"], provider(management["controller1"]))
    assert traveller.at_rest("ACTIVE").status == "ACTIVE"
    assert traveller.boot()
    return traveller


@pytest.fixture(scope="session")
def storage(hosts: dict[str, Host]) -> str:
    """What the directory of instances is on."""
    mounted = hosts["compute1"].run("findmnt --noheadings --output FSTYPE /var/lib/nova/instances").stdout
    return "shared" if "glusterfs" in mounted else "each host's own"


def _address(host: Host, prefix: str) -> str:
    return next(one for one in host.interface("eth0").addresses if one.startswith(prefix))
