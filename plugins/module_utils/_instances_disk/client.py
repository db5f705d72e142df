# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Disks of a host, through the tools of util-linux, and the place that one of them is mounted at."""

from __future__ import annotations

import grp
import json
import os
import pwd
import stat
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from .._clients.systemd import Systemd
from .._engine.errors import CollectionError
from .._engine.file_errors import file_cause, file_error
from .._engine.files import KEEP, LocalFiles
from .._engine.process import last_words, run_command
from .._engine.waiting import wait_until
from .fstab import with_line
from .parameters import Desired
from .state import Mount, MountPoint, State, Volume

# Names of the partition in the disk's table, before and after its file system is complete.
UNFINISHED, FINISHED = "stackwright-new", "stackwright-instances"
# Of the file system.
LABEL = "instances"
# No blocks are kept for root, who has no files there.
MAKE: Mapping[str, Sequence[str]] = {
    "ext4": ("mkfs.ext4", "-q", "-m", "0", "-L", LABEL),
    "xfs": ("mkfs.xfs", "-q", "-f", "-L", LABEL),
}
_TABLE = f'label: gpt\ntype=linux, name="{UNFINISHED}"\n'
_BEGINNING = 1024 * 1024
_FSTAB = "/etc/fstab"
_FSTAB_MODE = 0o644
# The kernel names a new partition at once; whoever makes its file in /dev may take a moment.
_NODE_TIMEOUT = 30.0
_INTERVAL = 0.2
_NO_MATCH = 1
# What /etc/fstab names, and findmnt does not find.
_ABSENT = "a device that is not there"


class Disks(Protocol):
    """Reads a disk and its place, and changes them; ``LocalDisks`` is the real one."""

    def read(self, desired: Desired) -> State:
        """What is on the disk, what uses it, and what is mounted (or to be mounted) at its place."""

    def partition(self, disk: str, expected: str) -> None:
        """Make one partition of the whole disk, under the name of one that is not finished."""

    def run(self, command: Sequence[str]) -> None:
        """Run a command to its end."""

    def uuid(self, volume: str) -> str:
        """The UUID of the file system."""

    def enter(self, desired: Desired, volume: str) -> None:
        """Write the line of /etc/fstab."""

    def reload(self) -> None:
        """Have systemd read /etc/fstab."""

    def mount(self, path: str) -> None:
        """Mount what /etc/fstab has for the path."""

    def own(self, path: str, owner: str, group: str) -> None:
        """Give the folder to a user and a group."""

    def permit(self, path: str, mode: int) -> None:
        """Set the folder's permission bits."""


class LocalDisks:
    """The disks of the host that the module runs on.

    ``timeout`` limits each command, in seconds. ``fstab`` is another file for tests.
    """

    def __init__(self, timeout: float, systemd: Systemd, fstab: str = _FSTAB) -> None:
        self._timeout = timeout
        self._systemd = systemd
        self._fstab = fstab
        self._files = LocalFiles()

    def read(self, desired: Desired) -> State:
        """See ``Disks``."""
        path = os.path.realpath(desired.disk)
        try:
            is_device = stat.S_ISBLK(os.stat(path).st_mode)
        except OSError as error:
            if isinstance(error, FileNotFoundError):
                raise _refused(desired.disk, file_cause(error)) from error
            raise file_error("use", "disk", desired.disk, error, code="no_disk") from error
        if not is_device:
            raise _refused(desired.disk, "it is no block device")
        (device,) = self._json("lsblk", "--json", "--paths", "--output", "NAME,TYPE,MOUNTPOINT", path)[
            "blockdevices"
        ]
        children = device.get("children") or []
        stored = self._files.read(self._fstab)
        return State(
            disk=self._volume(path, start=True),
            kind=device["type"],
            partitions=tuple(self._volume(one["name"]) for one in children if one["type"] == "part"),
            users=tuple(_users(device)),
            busy=_busy(path),
            mounted=self._mount("--mountpoint", desired.path),
            entry=self._mount("--tab-file", self._fstab, "--evaluate", "--target", desired.path),
            fstab=stored.text if stored else "",
            folder=_folder(desired.path),
        )

    def partition(self, disk: str, expected: str) -> None:
        """See ``Disks``."""
        self.run(["sfdisk", "--quiet", "--wipe", "never", disk], stdin=_TABLE)
        if os.path.exists("/run/udev/control"):
            self.run(["udevadm", "settle"])
        # A kernel that reads no tables by itself takes partitions from a program.
        if not os.path.exists(expected):
            self.run(["partx", "--update", disk])
        if not wait_until(
            bool,
            lambda: os.path.exists(expected),
            timeout=_NODE_TIMEOUT,
            interval=_INTERVAL,
            clock=time,
        ):
            raise CollectionError(
                "find",
                "partition",
                expected,
                f"{disk} has it now, but there is no such file after {_NODE_TIMEOUT:.0f} s",
                "Make the kernel reread the disk (partprobe), and run again",
                code="timeout",
            )

    def run(self, command: Sequence[str], stdin: str | None = None) -> None:
        """See ``Disks``."""
        done = run_command(command, stdin=stdin, timeout=self._timeout)
        if done.code:
            raise CollectionError(
                "prepare",
                "disk",
                next((word for word in command if word.startswith("/dev/")), command[-1]),
                f"`{' '.join(command)}` says: {last_words(done.stderr, done.stdout)}",
                "Fix that, and run again: what was begun is completed",
                command=" ".join(command),
            )

    def uuid(self, volume: str) -> str:
        """See ``Disks``."""
        return self._volume(volume).uuid

    def enter(self, desired: Desired, volume: str) -> None:
        """See ``Disks``."""
        uuid = self.uuid(volume)
        if not uuid:
            raise CollectionError(
                "mount",
                "partition",
                volume,
                "its file system has no UUID",
                "See what `blkid` says of it there",
            )
        stored = self._files.read(self._fstab)
        text = with_line(stored.text if stored else "", desired.path, desired.fstab_line(uuid))
        mode = stored.mode if stored else _FSTAB_MODE
        self._files.write(self._fstab, text, KEEP, mode=mode, backup=False)

    def reload(self) -> None:
        """See ``Disks``."""
        if Path("/run/systemd/system").is_dir():
            self._systemd.systemctl("daemon-reload")

    def mount(self, path: str) -> None:
        """See ``Disks``."""
        os.makedirs(path, exist_ok=True)
        self.run(["mount", "--fstab", self._fstab, path])
        # With nofail, mount succeeds where there is no such device.
        if not self._mount("--mountpoint", path):
            raise CollectionError(
                "mount",
                "folder",
                path,
                "mount says that it did, and nothing is there",
                "See whether `blkid` there finds the UUID that /etc/fstab has for it",
            )

    def own(self, path: str, owner: str, group: str) -> None:
        """See ``Disks``."""
        try:
            os.chown(path, pwd.getpwnam(owner).pw_uid, grp.getgrnam(group).gr_gid)
        except KeyError:
            raise CollectionError(
                "give",
                "folder",
                path,
                f"there is no user {owner} or no group {group}",
                "Install Nova's packages first",
            ) from None

    def permit(self, path: str, mode: int) -> None:
        """See ``Disks``."""
        os.chmod(path, mode)

    def _volume(self, path: str, *, start: bool = False) -> Volume:
        found = self._json("wipefs", "--json", "--no-act", path).get("signatures", [])
        fields = self._probe(path)
        # The table of a partition's disk gets it, too.
        return Volume(
            path=path,
            name=fields.get("PART_ENTRY_NAME", ""),
            signatures=tuple(dict.fromkeys(str(one["type"]) for one in found)),
            filesystem=fields.get("TYPE", "") if fields.get("USAGE", "filesystem") == "filesystem" else "",
            label=fields.get("LABEL", ""),
            uuid=fields.get("UUID", ""),
            data=start and _begins_with_data(path),
        )

    def _probe(self, path: str) -> dict[str, str]:
        """What blkid reads on the device itself; nothing of what udev remembers."""
        done = run_command(["blkid", "--probe", "--output", "export", path], timeout=self._timeout)
        fields = dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)
        return {key: value.replace("\\ ", " ") for key, value in fields.items()}

    def _mount(self, *words: str) -> Mount | None:
        found = self._json(
            "findmnt", "--json", "--list", "--output", "SOURCE,TARGET,FSTYPE,OPTIONS", *words
        ).get("filesystems", [])
        place = words[-1]
        # What was mounted last covers the others.
        for one in reversed([one for one in found if one["target"].rstrip("/") == place]):
            return Mount(one["source"] or _ABSENT, one["fstype"], one["options"])
        return None

    def _json(self, *command: str) -> dict[str, Any]:
        done = run_command(command, timeout=self._timeout)
        # findmnt says with it that there is nothing.
        if done.code not in (0, _NO_MATCH) or (done.code and done.stderr.strip()):
            raise CollectionError(
                "read",
                "disk",
                command[-1],
                f"`{' '.join(command)}` says: {last_words(done.stderr, done.stdout)}",
                "Run the command there, and fix what it reports",
            )
        read: dict[str, Any] = json.loads(done.stdout or "{}")
        return read


def _users(device: Mapping[str, Any]) -> list[str]:
    """Where a disk or its partitions are mounted, and what else is made of them."""
    found = [f"mounted at {device['mountpoint']}"] if device.get("mountpoint") else []
    for child in device.get("children") or []:
        found += [] if child["type"] == "part" else [str(child["name"])]
        found += _users(child)
    return found


def _busy(path: str) -> bool:
    """Whether the kernel has lent the disk, or a partition of it, to somebody: a mount, LVM, RAID, swap."""
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_EXCL))
    except OSError:
        return True
    return False


def _begins_with_data(path: str) -> bool:
    with open(path, "rb") as file:
        return any(file.read(_BEGINNING))


def _folder(path: str) -> MountPoint:
    try:
        status = os.stat(path)
        entries = sorted(os.listdir(path))
    except FileNotFoundError:
        return MountPoint()
    return MountPoint(
        tuple(entries), _name(status.st_uid), _group_name(status.st_gid), stat.S_IMODE(status.st_mode)
    )


def _name(number: int) -> str:
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _group_name(number: int) -> str:
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _refused(disk: str, cause: str) -> CollectionError:
    return CollectionError(
        "use", "disk", disk, cause, "Name a disk of this host, such as one in /dev/disk/by-id", code="no_disk"
    )
