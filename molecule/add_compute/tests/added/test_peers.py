# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each compute host knows all the others, the one that was there first included."""

from __future__ import annotations

from testinfra.host import Host

testinfra_hosts = ["ansible://compute"]


def test_every_other_compute_host_is_let_in(host: Host, inventory: dict[str, list[str]]) -> None:
    own = host.backend.get_hostname()
    keys = host.file("/var/lib/nova/.ssh/authorized_keys").content_string
    for other in set(inventory["compute"]) - {own}:
        address = host.addr(other).ipv4_addresses[0]
        assert f'"{address}"' in keys
