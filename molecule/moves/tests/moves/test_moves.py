# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All ways on which an instance comes to another host; it must be there, and answer through its floating IP address."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

from moves.measured import Move, add
from moves.traveller import Traveller, wait_for
from testinfra.host import Host

testinfra_hosts = ["local://"]

_HOSTS = Path(__file__).parents[4] / "tools/hosts"
# Seconds.
_SILENCE = 3.0
_TIMES = 5


def test_resize_that_is_confirmed(traveller: Traveller, storage: str) -> None:
    before = traveller.place()
    with traveller.measured("resize", storage):
        traveller.openstack("server resize --flavor large traveller")
        there = traveller.at_rest("VERIFY_RESIZE")
        assert there.status == "VERIFY_RESIZE"
        traveller.openstack("server resize confirm traveller")
        after = traveller.at_rest("ACTIVE")
    assert (after.status, after.flavor) == ("ACTIVE", "large")
    assert after.host != before.host


def test_resize_that_is_reverted(traveller: Traveller, storage: str) -> None:
    before = traveller.place()
    with traveller.measured("resize, reverted", storage):
        traveller.openstack("server resize --flavor small traveller")
        there = traveller.at_rest("VERIFY_RESIZE")
        assert there.host != before.host
        traveller.openstack("server resize revert traveller")
        after = traveller.at_rest("ACTIVE")
    assert after == before


def test_cold_migration(traveller: Traveller, storage: str) -> None:
    before = traveller.place()
    with traveller.measured("cold migration", storage):
        traveller.openstack("server migrate traveller")
        assert traveller.at_rest("VERIFY_RESIZE").status == "VERIFY_RESIZE"
        traveller.openstack("server resize confirm traveller")
        after = traveller.at_rest("ACTIVE")
    assert after.status == "ACTIVE"
    assert after.host != before.host


def test_live_migrations(traveller: Traveller, storage: str) -> None:
    """The guest goes on, and who talks to it hardly notices."""
    moves: list[Move] = []
    for _turn in range(_TIMES):
        before, boot = traveller.place(), traveller.boot()
        with traveller.measured("live migration", storage, moves.append):
            traveller.openstack("server migrate --live-migration traveller")
            after = traveller.at_rest("ACTIVE")
        assert after.status == "ACTIVE"
        assert after.host != before.host
        assert traveller.boot() == boot
        _await_end(traveller)
    moves.sort(key=lambda move: move.silence)
    middle, longest = moves[_TIMES // 2], moves[-1]
    add(replace(middle, name=f"live migration, the middle one of {_TIMES}"))
    add(replace(longest, name="live migration, the longest silence of these"))
    assert middle.silence <= _SILENCE


def test_shelved_and_unshelved(traveller: Traveller, storage: str) -> None:
    with traveller.measured("shelve and unshelve", storage):
        traveller.openstack("server shelve traveller")
        away = traveller.at_rest("SHELVED_OFFLOADED")
        assert (away.status, away.host) == ("SHELVED_OFFLOADED", None)
        traveller.openstack("server unshelve traveller")
        after = traveller.at_rest("ACTIVE")
    assert after.status == "ACTIVE"


def test_evacuation_of_a_dead_host(traveller: Traveller, storage: str, hosts: dict[str, Host]) -> None:
    before = traveller.place()
    lab = ["moves", str(before.host)]
    with traveller.measured("evacuation", storage):
        subprocess.run([_HOSTS, "cut", *lab], check=True)
        traveller.openstack(f"compute service set --down {before.host} nova-compute")
        traveller.evacuate()
        assert traveller.at_rest("ACTIVE").status == "ACTIVE"
        # Nova writes down the new host last.
        after = wait_for(traveller.place, lambda place: place.host != before.host)
    assert after.status == "ACTIVE"
    assert after.host not in (None, before.host)

    # The host comes back, and gives up what it no longer has.
    subprocess.run([_HOSTS, "up", *lab], check=True)
    # Nova refuses until the host has given up what was evacuated.
    assert wait_for(lambda: traveller.can(f"compute service set --up {before.host} nova-compute"), bool)
    services = f"compute service list --service nova-compute --host {before.host} -f value -c State"
    assert wait_for(lambda: traveller.openstack(services), lambda state: state == "up") == "up"
    domains = "virsh --connect qemu:///system list --all --name"
    left = wait_for(lambda: hosts[str(before.host)].check_output(domains).strip(), lambda left: not left)
    assert left == ""
    assert traveller.place() == after


def _await_end(traveller: Traveller) -> None:
    """The host that it left removes it last; before that it cannot come back."""
    running = "server migration list --server traveller --status running -f value"
    assert wait_for(lambda: traveller.openstack(running), lambda found: not found) == ""
