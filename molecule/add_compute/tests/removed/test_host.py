# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nothing of the cloud runs on the compute host that left, not after a boot either."""

from __future__ import annotations

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://compute1"]


@pytest.mark.parametrize("name", ["nova-compute", "neutron-{mechanism}-agent"])
def test_service_is_off(host: Host, name: str, mechanism: str) -> None:
    service = host.service(name.format(mechanism=mechanism))
    assert service.exists
    assert not service.is_running
    assert not service.is_enabled
