# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The network agent of a compute host, and its files."""

from __future__ import annotations

import pytest
from deployed.questions import connections_with_password, ownership
from testinfra.host import Host

testinfra_hosts = ["ansible://compute"]


def test_the_agent_runs_and_starts_at_boot(units: dict[str, dict[str, str]], mechanism: str) -> None:
    assert units[f"neutron-{mechanism}-agent"]["SubState"] == "running"
    assert units[f"neutron-{mechanism}-agent"]["UnitFileState"] == "enabled"


@pytest.mark.parametrize(
    "path", ["/etc/neutron/neutron.conf", "/etc/neutron/plugins/ml2/{mechanism}_agent.ini"]
)
def test_configuration_belongs_to_neutron_alone(host: Host, path: str, mechanism: str) -> None:
    assert ownership(host, path.format(mechanism=mechanism)) == ("root", "neutron", "0o640")


def test_it_has_no_password_of_a_database(host: Host) -> None:
    """A compute host that is broken into must not give the databases away."""
    assert connections_with_password(host, "/etc/neutron/neutron.conf") == []
