# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one compute host can do on another: take files of instances there and ask its libvirt, and nothing else."""

from __future__ import annotations

import pytest
from testinfra.host import Host

testinfra_hosts = ["local://"]

_INSTANCES = "/var/lib/nova/instances"
_AS_NOVA = "runuser --user nova -- "
_LIST = "virsh --connect qemu+tls://%s/system list"


def test_files_of_instances_are_taken(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    host, other = hosts["compute1"], addresses["compute2"]
    host.check_output(f"{_AS_NOVA}rsync /etc/hostname {other}:{_INSTANCES}/tried")
    assert hosts["compute2"].file(f"{_INSTANCES}/tried").content_string == "compute1\n"
    hosts["compute2"].check_output(f"rm {_INSTANCES}/tried")


@pytest.mark.parametrize(
    "command",
    [
        "ssh {other} id",
        "ssh {other}",
        "ssh -W 127.0.0.1:22 {other}",
        "ssh root@{other} id",
        "scp /etc/hostname {other}:/tmp/tried",
        "rsync /etc/hostname {other}:/tmp/tried",
        "rsync {other}:/etc/hostname /tmp/tried",
        "rsync {other}:/var/lib/nova/instances/compute_nodes /tmp/tried",
        # Another host, which has never heard of the key; and the same one, reached from another address.
        "ssh -o StrictHostKeyChecking=no -i /var/lib/nova/.ssh/id_ed25519 nova@{controller} id",
        "rsync --rsh 'ssh -b {management}' /etc/hostname {other}:/var/lib/nova/instances/tried",
    ],
)
def test_the_key_opens_nothing_else(
    hosts: dict[str, Host], addresses: dict[str, str], management: dict[str, str], command: str
) -> None:
    words = {
        "other": addresses["compute2"],
        "controller": management["controller1"],
        "management": management["compute1"],
    }
    # testinfra takes the status 255, with which ssh fails, for its own failures.
    attempt = f"{_AS_NOVA}timeout 20 {command.format(**words)} </dev/null"
    tried = hosts["compute1"].run(f"{attempt}; status=$?; [ $status = 255 ] && exit 1 || exit $status")
    assert tried.rc not in (0, 124)
    assert "uid=" not in tried.stdout
    for host in hosts.values():
        assert not host.file("/tmp/tried").exists
        assert not host.file(f"{_INSTANCES}/tried").exists


def test_libvirt_is_open_to_compute_hosts(hosts: dict[str, Host], addresses: dict[str, str]) -> None:
    hosts["compute1"].check_output(_LIST, addresses["compute2"])
    hosts["compute2"].check_output(_LIST, addresses["compute1"])


def test_libvirt_is_closed_to_all_others(
    hosts: dict[str, Host], addresses: dict[str, str], management: dict[str, str]
) -> None:
    """Without a certificate, and on any other address than that of the migration network."""
    without = hosts["compute1"].run(
        f"unshare --mount sh -c 'mount -t tmpfs none /etc/pki; {_LIST}'", addresses["compute2"]
    )
    assert without.rc != 0
    elsewhere = hosts["compute1"].run(_LIST, management["compute2"])
    assert "Connection refused" in elsewhere.stderr
