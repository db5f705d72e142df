# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The compute hosts that stay let each other in, and the one that left no more."""

from __future__ import annotations

import pytest
from testinfra.host import Host

testinfra_hosts = ["ansible://compute2", "ansible://compute3"]


@pytest.mark.parametrize("name", ["authorized_keys", "known_hosts"])
def test_it_is_let_in_no_more(host: Host, name: str) -> None:
    content = host.file(f"/var/lib/nova/.ssh/{name}").content_string
    (other,) = {"compute2", "compute3"} - {host.backend.get_hostname()}
    assert host.addr(other).ipv4_addresses[0] in content
    assert host.addr("compute1").ipv4_addresses[0] not in content
