# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module instances_disk, over a disk that only notes what is done to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._instances_disk.fstab import with_line
from ansible_collections.stackwright.nova.plugins.module_utils._instances_disk.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._instances_disk.state import (
    Mount,
    MountPoint,
    State,
    Volume,
)
from ansible_collections.stackwright.nova.plugins.modules import instances_disk
from fakes.modules import run_module

PATH = "/var/lib/nova/instances"
UUID = "5f7b1c4e"
OTHERS = "UUID=0a0a / ext4 defaults 0 1\n"
LINE = f"UUID={UUID} {PATH} ext4 defaults,nofail 0 2"
NEW = Volume("/dev/sdb1", "stackwright-new")
MADE = Volume("/dev/sdb1", "stackwright-instances", ("ext4",), "ext4", "instances", UUID)
OURS = MountPoint((), "nova", "nova", 0o755)
BLANK = State(Volume("/dev/sdb"), fstab=OTHERS, folder=OURS)
TABLE = Volume("/dev/sdb", signatures=("gpt", "PMBR"))
FINISHED = replace(BLANK, disk=TABLE, partitions=(MADE,))
DONE = replace(
    FINISHED,
    busy=True,
    mounted=Mount("/dev/sdb1", "ext4"),
    entry=Mount("/dev/sdb1", "ext4"),
    fstab=f"{OTHERS}{LINE}\n",
    folder=replace(OURS, entries=("_base",)),
)
MAKE = "mkfs.ext4 -q -m 0 -L instances /dev/sdb1"
NAME = "sfdisk --no-reread --no-tell-kernel --part-label /dev/sdb 1 stackwright-instances"
MOUNT = [
    "write /etc/fstab",
    "systemctl daemon-reload",
    f"mount {PATH}",
    f"chown nova:nova {PATH}",
    f"chmod 0755 {PATH}",
]


class FakeDisks:
    """Has ``state``, and keeps what is asked of it."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.done: list[str] = []

    def read(self, desired: Desired) -> State:
        return self.state

    def partition(self, disk: str, expected: str) -> None:
        assert expected.startswith(disk)
        self.done.append(f"sfdisk {disk}")

    def run(self, command: Sequence[str]) -> None:
        self.done.append(" ".join(command))

    def uuid(self, volume: str) -> str:
        return UUID

    def enter(self, desired: Desired, volume: str) -> None:
        self.done.append("write /etc/fstab")

    def reload(self) -> None:
        self.done.append("systemctl daemon-reload")

    def mount(self, path: str) -> None:
        self.done.append(f"mount {path}")

    def own(self, path: str, owner: str, group: str) -> None:
        self.done.append(f"chown {owner}:{group} {path}")

    def permit(self, path: str, mode: int) -> None:
        self.done.append(f"chmod {mode:04o} {path}")


def call(state: State, *, check: bool = False, **params: Any) -> dict[str, Any]:
    """The result of a run; what it says that it did is what the disk saw."""
    fake = FakeDisks(state)

    def prepare(operation: Any) -> None:
        operation.client = fake

    result = run_module(instances_disk, prepare, check=check, diff=True, **{"disk": "/dev/sdb", **params})
    assert fake.done == ([] if check else result.get("commands", []))
    return result


@pytest.mark.parametrize(
    ("state", "commands"),
    [
        pytest.param(BLANK, ["sfdisk /dev/sdb", MAKE, NAME, *MOUNT], id="blank"),
        pytest.param(
            replace(BLANK, disk=TABLE, partitions=(NEW,)), [MAKE, NAME, *MOUNT], id="cut after the partition"
        ),
        pytest.param(
            replace(BLANK, disk=TABLE, partitions=(replace(MADE, name=NEW.name),)),
            [MAKE, NAME, *MOUNT],
            id="cut after the file system",
        ),
        pytest.param(FINISHED, MOUNT, id="cut after the name"),
        pytest.param(
            replace(FINISHED, fstab=DONE.fstab, entry=DONE.entry), MOUNT[1:], id="cut after the line"
        ),
        pytest.param(
            replace(DONE, folder=MountPoint((), "root", "root", 0o700)), MOUNT[3:], id="cut after the mount"
        ),
        pytest.param(DONE, [], id="done"),
    ],
)
def test_each_run_does_what_is_left(state: State, commands: list[str]) -> None:
    done = call(state)
    predicted = call(state, check=True)
    assert done["commands"] == predicted["commands"] == commands
    assert (done["changed"], done["uuid"]) == (bool(commands), UUID)
    assert done["diff"] == predicted["diff"]
    assert (done["diff"]["before"] == done["diff"]["after"]) is (not commands)


def test_nvme_disks_have_their_own_names_of_partitions() -> None:
    done = call(replace(BLANK, disk=Volume("/dev/nvme0n1")), filesystem="xfs")
    assert done["partition"] == "/dev/nvme0n1p1"
    assert done["commands"][1] == "mkfs.xfs -q -f -L instances /dev/nvme0n1p1"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (
            replace(BLANK, disk=Volume("/dev/sdb", signatures=("LVM2_member",))),
            "it holds LVM2_member on /dev/sdb",
        ),
        (replace(BLANK, disk=Volume("/dev/sdb", data=True)), "data of an unknown kind in its first megabyte"),
        (replace(BLANK, disk=TABLE), "it holds gpt on /dev/sdb, PMBR on /dev/sdb"),
        (
            replace(BLANK, disk=TABLE, partitions=(Volume("/dev/sdb1", "data"),)),
            "partition /dev/sdb1, and only a blank disk is formatted",
        ),
        (replace(BLANK, disk=TABLE, partitions=(MADE, MADE)), "ext4 on /dev/sdb1"),
        # Somebody went on by hand where a run was cut.
        (
            replace(BLANK, disk=TABLE, partitions=(replace(MADE, name=NEW.name, label="theirs"),)),
            "ext4 on /dev/sdb1",
        ),
        (
            replace(BLANK, disk=TABLE, partitions=(replace(MADE, name=NEW.name, label=""),)),
            "ext4 on /dev/sdb1",
        ),
        (
            replace(BLANK, disk=TABLE, partitions=(replace(NEW, signatures=("crypto_LUKS",)),)),
            "crypto_LUKS on /dev/sdb1",
        ),
        (replace(FINISHED, busy=True), "it is in use. Name a disk that nothing uses"),
        (replace(BLANK, users=("/dev/mapper/vg-root",)), "it is in use (/dev/mapper/vg-root)"),
        (replace(BLANK, kind="part"), "it is no whole disk (part)"),
        (replace(BLANK, folder=MountPoint(("_base", "locks"))), f"{PATH} is not empty (_base, locks)"),
        (replace(FINISHED, folder=MountPoint(tuple("abcdef"))), f"{PATH} is not empty (a, b, c, d, …)"),
        (
            replace(BLANK, mounted=Mount("server:/export", "nfs4")),
            f"server:/export is mounted at {PATH} already",
        ),
        (replace(BLANK, entry=Mount("/dev/sdc1")), f"/etc/fstab has /dev/sdc1 for {PATH}"),
        (replace(FINISHED, entry=Mount("/dev/sdc1")), f"/etc/fstab has /dev/sdc1 for {PATH}"),
        (
            replace(FINISHED, partitions=(replace(MADE, filesystem="xfs"),)),
            "its file system is xfs and not ext4, and nothing is formatted twice",
        ),
        (replace(DONE, mounted=Mount("/dev/sdb1", "xfs")), "its file system is xfs and not ext4"),
    ],
)
def test_what_is_not_ours_is_refused(state: State, words: str) -> None:
    failed = call(state)
    assert failed["msg"].startswith("Cannot give instances the disk /dev/sdb: ")
    assert words in failed["msg"]
    assert call(state, check=True) == failed


@pytest.mark.parametrize("params", [{"path": "/srv/my instances"}, {"options": "defaults # mine"}])
def test_what_fstab_cannot_say_is_refused(params: dict[str, str]) -> None:
    assert "a line of /etc/fstab cannot have it as one word" in call(BLANK, **params)["msg"]


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("", "x /srv\n"),
        ("# /srv\nUUID=1 / ext4", "# /srv\nUUID=1 / ext4\nx /srv\n"),
        ("a /srv ext4\nb /\n", "x /srv\nb /\n"),
        ("b /\n\ta\t/srv/\text4\nc /c\n# a /srv\nd /srv xfs\n", "b /\nx /srv\nc /c\n# a /srv\n"),
        ("a /srv/other ext4\n", "a /srv/other ext4\nx /srv\n"),
    ],
)
def test_one_line_of_fstab(text: str, after: str) -> None:
    assert with_line(text, "/srv", "x /srv") == after
    assert with_line(after, "/srv", "x /srv") == after
