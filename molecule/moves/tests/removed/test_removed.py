# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""compute2 was removed with instances on it, and still has its old certificate and key."""

from __future__ import annotations

import json

from moves.traveller import Traveller
from testinfra.host import Host

testinfra_hosts = ["local://"]


def test_the_instance_has_moved(traveller: Traveller) -> None:
    assert traveller.place().host == "compute1"
    assert traveller.boot()


def test_the_stopped_instance_has_moved(traveller: Traveller) -> None:
    """And nobody has started it for that."""
    # It is in another project, where only a list of all finds it by name.
    (sleeper,) = json.loads(traveller.openstack("server list --all-projects --name sleeper --long -f json"))
    assert (sleeper["Status"], sleeper["Host"]) == ("SHUTOFF", "compute1")


def test_the_certificate_is_refused(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    host, other = hosts["compute2"], addresses["compute1"]
    connect = f"virsh --connect qemu+tls://{other}/system list"
    tried = host.run(f"unshare --mount sh -c 'mount --bind /root/kept/pki /etc/pki; {connect}'")
    assert tried.rc != 0
    log = hosts["compute1"].check_output("journalctl --unit libvirtd --since -1min --output cat")
    assert "revoked" in log


def test_the_key_is_refused(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    ssh = "ssh -i /root/kept/.ssh/id_ed25519 -o StrictHostKeyChecking=no -o BatchMode=yes"
    tried = hosts["compute2"].run(
        f"rsync --rsh '{ssh}' /etc/hostname nova@{addresses['compute1']}:/var/lib/nova/instances/tried || exit 1"
    )
    assert tried.rc != 0
    assert "Permission denied" in tried.stderr


def test_nothing_knows_it_any_more(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    for name in ("authorized_keys", "known_hosts", "config"):
        assert (
            addresses["compute2"] not in hosts["compute1"].file(f"/var/lib/nova/.ssh/{name}").content_string
        )
