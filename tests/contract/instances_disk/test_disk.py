# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real disks, as far as the kernel is concerned: files behind loop devices, partitioned, formatted, mounted."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._instances_disk.client import LocalDisks
from ansible_collections.stackwright.nova.plugins.modules import instances_disk
from fakes.modules import run_module

# The least that mkfs.xfs takes.
SIZE = 320 * 1024 * 1024
END = 2 * 1024 * 1024
OTHERS = "UUID=0a0a /srv ext4 defaults 0 2\n# the last line, without an end"


class NoSystemd:
    """Is asked for nothing."""

    def systemctl(self, verb: str, names: Any = ()) -> None:
        assert (verb, names) == ("daemon-reload", ())


def sh(*words: str, stdin: str = "") -> str:
    done = subprocess.run(words, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def partition(disk: str, table: str) -> None:
    """A partition table by hand, with what the kernel knows of it; some kernels read no tables by themselves."""
    sh("sfdisk", "--quiet", disk, stdin=table)
    sh("partx", "--update", disk)


class Host:
    """A disk, a folder for instances, and an /etc/fstab of their own."""

    def __init__(self, disk: str, room: Path) -> None:
        self.disk = disk
        self.part = f"{disk}p1"
        self.folder = room / "instances"
        self.folder.mkdir()
        self.fstab = room / "fstab"
        self.fstab.write_text(OTHERS)
        self.fstab.chmod(0o600)

    def call(self, *, check: bool = False, at_most: int | None = None, **params: Any) -> dict[str, Any]:
        """The result of a run, which is cut after some steps if ``at_most`` says so."""

        def prepare(operation: Any) -> None:
            operation.client = LocalDisks(60, NoSystemd(), str(self.fstab))  # type: ignore[arg-type]
            if at_most is not None:
                carry_out, left = operation.carry_out, [at_most]

                def cut(step: Any, client: Any) -> None:
                    if not left[0]:
                        raise KeyboardInterrupt
                    left[0] -= 1
                    carry_out(step, client)

                operation.carry_out = cut

        defaults = {"disk": self.disk, "path": str(self.folder), "owner": "root", "group": "daemon"}
        return run_module(instances_disk, prepare, check=check, diff=True, **{**defaults, **params})

    def refusal(self, **params: Any) -> str:
        """The error, the same in check mode; nothing on the disk, nor in the file, has changed."""
        before = self.digest()
        result = self.call(**params)
        assert result["failed"] and "commands" not in result
        assert self.call(check=True, **params)["msg"] == result["msg"]
        assert self.digest() == before
        return str(result["msg"])

    def digest(self) -> tuple[bytes, str]:
        """The ends of the disk, which nothing can be made on without a change there, and the file."""
        with Path(self.disk).open("rb") as file:
            ends = file.read(END)
            file.seek(SIZE - END)
            return hashlib.sha256(ends + file.read()).digest(), self.fstab.read_text()

    def mounted(self) -> str:
        done = subprocess.run(
            ["findmnt", "-no", "SOURCE,FSTYPE", "--mountpoint", str(self.folder)],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout.strip()


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    """Needs root and a free loop device."""
    image = tmp_path / "disk"
    with image.open("wb") as file:
        file.truncate(SIZE)
    disk = sh("losetup", "--find", "--show", "--partscan", str(image))
    subject = Host(disk, tmp_path)
    try:
        yield subject
    finally:
        subprocess.run(["umount", str(subject.folder)], capture_output=True, check=False)
        subprocess.run(["partx", "--delete", disk], capture_output=True, check=False)
        sh("losetup", "--detach", disk)


@pytest.mark.parametrize("filesystem", ["ext4", "xfs"])
def test_a_blank_disk_becomes_the_instances_own(host: Host, filesystem: str) -> None:
    predicted = host.call(check=True, filesystem=filesystem)
    assert (host.mounted(), predicted["changed"], predicted["uuid"]) == ("", True, "")
    done = host.call(filesystem=filesystem)
    assert "failed" not in done, done["msg"]
    assert done["commands"] == predicted["commands"]
    assert host.mounted().split() == [host.part, filesystem]
    # By other tools than those of the module.
    uuid = sh("blkid", "-s", "UUID", "-o", "value", host.part)
    assert done["uuid"] == uuid
    *others, ours = host.fstab.read_text().splitlines()
    assert "\n".join(others) == OTHERS
    assert (
        ours == f"UUID={uuid} {host.folder} {filesystem} defaults,nofail 0 {2 if filesystem == 'ext4' else 0}"
    )
    assert sh("stat", "-c", "%U:%G %a", str(host.folder)) == "root:daemon 755"
    assert sh("stat", "-c", "%a", str(host.fstab)) == "600"
    again = host.call(filesystem=filesystem)
    assert (again["changed"], again["commands"], again["uuid"]) == (False, [], uuid)
    # After a boot: mounted by what the file says.
    sh("umount", str(host.folder))
    sh("mount", "--fstab", str(host.fstab), str(host.folder))
    assert host.call(filesystem=filesystem)["changed"] is False


@pytest.mark.parametrize("filesystem", ["ext4", "xfs"])
def test_a_run_that_was_cut_is_completed(host: Host, filesystem: str) -> None:
    """Cut before anything, and after the partition, the file system, its name, the line and the mount."""
    for steps in (0, 1, 1, 2, 1, 2):
        with pytest.raises(KeyboardInterrupt):
            host.call(filesystem=filesystem, at_most=steps)
    assert host.mounted().split() == [host.part, filesystem]
    assert host.call(filesystem=filesystem)["commands"] == [f"chown root:daemon {host.folder}"]
    assert host.call(filesystem=filesystem)["commands"] == []


def test_the_mode_and_the_owner_come_back(host: Host) -> None:
    host.call()
    host.folder.chmod(0o700)
    (host.folder / "instance").touch()
    assert host.call(group="bin")["commands"] == [
        f"chown root:bin {host.folder}",
        f"chmod 0755 {host.folder}",
    ]
    assert host.call(group="bin", options="defaults,noatime")["commands"] == [
        "write /etc/fstab",
        "systemctl daemon-reload",
    ]
    assert (host.folder / "instance").exists()


@pytest.mark.parametrize(
    ("make", "found"),
    [
        (["mkfs.ext4", "-q"], "ext4"),
        (["mkfs.xfs", "-q"], "xfs"),
        (["mkswap"], "swap"),
        ([], "gpt"),
        ([], "dos"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else value,
)
def test_a_disk_that_holds_anything_is_refused(host: Host, make: list[str], found: str) -> None:
    if make:
        sh(*make, host.disk)
    else:
        partition(host.disk, f"label: {found}\n,\n")
    assert f"it holds {found} on {host.disk}" in host.refusal()


def test_data_that_nobody_knows_is_refused(host: Host) -> None:
    with Path(host.disk).open("r+b") as file:
        file.seek(4000)
        file.write(b"precious")
    assert "data of an unknown kind in its first megabyte" in host.refusal()


def test_somebody_elses_partition_with_a_file_system_is_named(host: Host) -> None:
    partition(host.disk, 'label: gpt\nname="data"\n')
    sh("mkfs.ext4", "-q", host.part)
    assert f"ext4 on {host.part}" in host.refusal()


def test_what_somebody_else_formatted_in_our_unfinished_partition_is_refused(host: Host) -> None:
    with pytest.raises(KeyboardInterrupt):
        host.call(at_most=1)
    sh("mkfs.ext4", "-q", "-L", "theirs", host.part)
    assert f"ext4 on {host.part}" in host.refusal()


def test_a_disk_in_use_is_refused(host: Host, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    sh("mkfs.ext4", "-q", host.disk)
    sh("mount", host.disk, str(elsewhere))
    try:
        assert f"it is in use (mounted at {elsewhere})" in host.call()["msg"]
    finally:
        sh("umount", str(elsewhere))
    holder = os.open(host.disk, os.O_RDONLY | os.O_EXCL)
    try:
        assert "it is in use. Name a disk that nothing uses" in host.call()["msg"]
    finally:
        os.close(holder)


def test_a_folder_with_instances_is_refused(host: Host) -> None:
    (host.folder / "_base").mkdir()
    assert "is not empty (_base), and what is there would be hidden" in host.refusal()


def test_another_file_system_in_the_place_is_refused(host: Host) -> None:
    sh("mount", "-t", "tmpfs", "tmpfs", str(host.folder))
    assert f"tmpfs is mounted at {host.folder} already" in host.refusal()


def test_another_line_for_the_place_is_refused(host: Host) -> None:
    host.fstab.write_text(f"/dev/nowhere1 {host.folder} ext4 defaults 0 0\n")
    assert f"/etc/fstab has /dev/nowhere1 for {host.folder}" in host.refusal()


def test_a_disk_that_was_mounted_by_hand_is_taken_as_it_is(host: Host) -> None:
    """As the guide has it: a partition, its name in /etc/fstab."""
    partition(host.disk, "label: dos\n,\n")
    sh("mkfs.ext4", "-q", host.part)
    sh("mount", host.part, str(host.folder))
    (host.folder / "instance").touch()
    host.fstab.write_text(f"{host.part} {host.folder} ext4 defaults 0 0\n{OTHERS}")
    sh("chgrp", "daemon", str(host.folder))
    assert host.call()["commands"] == ["write /etc/fstab", "systemctl daemon-reload"]
    uuid = sh("blkid", "-s", "UUID", "-o", "value", host.part)
    assert host.fstab.read_text() == f"UUID={uuid} {host.folder} ext4 defaults,nofail 0 2\n{OTHERS}\n"
    assert (host.folder / "instance").exists()
    assert "its file system is ext4 and not xfs" in host.refusal(filesystem="xfs")


def test_only_whole_disks_are_taken(host: Host, tmp_path: Path) -> None:
    assert "it is no block device" in host.call(disk=str(tmp_path))["msg"]
    assert "No such file" in host.call(disk=str(tmp_path / "nothing"))["msg"]
    partition(host.disk, "label: gpt\n,\n")
    assert "it is no whole disk (part)" in host.call(disk=host.part)["msg"]
