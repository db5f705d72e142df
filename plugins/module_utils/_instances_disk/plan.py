# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left to do until the instances have a separate disk: a pure decision over the disk and its place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NoReturn

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .client import FINISHED, LABEL, MAKE, UNFINISHED, Disks
from .fstab import with_line
from .parameters import Desired
from .state import State, Volume

# What the kernel finds partitions on by itself.
_KINDS = ("disk", "loop", "raid")
_UNKNOWN_UUID = "made-with-the-file-system"
_NAMED_AT_MOST = 4


def plan(desired: Desired, current: State) -> Plan[Disks]:
    """Partition, format and mount what is blank, go on where a run was cut, and leave alone what is there.

    A partition has one name while its file system is made and another one afterwards: so a run that was cut in between
    is known, and what has any other name is somebody else's. Raises CollectionError for all that is not ours to change.
    """
    volume = _volume(desired, current)
    fstab = with_line(current.fstab, desired.path, desired.fstab_line(volume.uuid or _UNKNOWN_UUID))
    steps = (
        *_preparation(desired, current, volume),
        *_mounting(desired, current, volume, fstab),
        *_owning(desired, current),
    )
    return Plan(
        stages=in_order(steps),
        before=_before(desired, current),
        after={
            "path": desired.path,
            "mounted": volume.path,
            "filesystem": desired.filesystem,
            "owner": f"{desired.owner}:{desired.group} {desired.mode:04o}",
            "fstab": _lines(fstab, desired.path),
        },
        result={
            "disk": current.disk.path,
            "partition": volume.path,
            "path": desired.path,
            "filesystem": desired.filesystem,
            "uuid": volume.uuid,
        },
    )


def _volume(desired: Desired, current: State) -> Volume:
    """What is, or is to be, mounted."""
    volumes = (current.disk, *current.partitions)
    if current.mounted:
        for volume in volumes:
            if volume.path == current.mounted.source:
                return _checked_type(desired, volume, current.mounted.filesystem)
        _refuse(
            desired,
            f"{current.mounted.source} is mounted at {desired.path} already",
            "Name the disk that it is on, by its name in /dev/disk/by-id, which stays the same after a boot",
        )
    if current.folder.entries:
        _refuse(
            desired,
            f"{desired.path} is not empty ({_some(current.folder.entries)}), and what is there would be hidden",
            "Move the instances to other hosts (playbook drain), stop Nova Compute, and move the files elsewhere",
        )
    volume = _prepared(desired, current)
    if current.entry and current.entry.source not in (volume.path, f"UUID={volume.uuid}"):
        _refuse(
            desired,
            f"/etc/fstab has {current.entry.source} for {desired.path}",
            "Name the disk that it is on, or take the line out",
        )
    return volume


def _prepared(desired: Desired, current: State) -> Volume:
    """The partition in question: ours, finished or not, or the one that the blank disk will get."""
    disk = current.disk
    if not current.kind.startswith(_KINDS):
        _refuse(desired, f"it is no whole disk ({current.kind})", "Name a whole disk")
    if current.busy or current.users:
        by = f" ({', '.join(current.users)})" if current.users else ""
        _refuse(desired, f"it is in use{by}", "Name a disk that nothing uses")
    if len(current.partitions) == 1 and current.partitions[0].name in (FINISHED, UNFINISHED):
        partition = current.partitions[0]
        if partition.name == FINISHED and partition.filesystem:
            return _checked_type(desired, partition, partition.filesystem)
        # What a run leaves that was cut while it made the file system, and nothing else.
        left = partition.label == LABEL and {*partition.signatures} == {desired.filesystem}
        if partition.name == UNFINISHED and (left or not partition.signatures):
            return Volume(partition.path, UNFINISHED)
    if current.partitions or not disk.blank:
        _refuse(
            desired,
            f"it holds {_contents(current)}, and only a blank disk is formatted",
            f"Name another disk; or, if nothing on it is needed, empty it yourself (wipefs --all on its partitions and "
            f"on {disk.path}, then dd if=/dev/zero of={disk.path} bs=1M count=1), and run again",
        )
    return Volume(f"{disk.path}{'p' if disk.path[-1].isdigit() else ''}1")


def _checked_type(desired: Desired, volume: Volume, filesystem: str) -> Volume:
    if filesystem != desired.filesystem:
        _refuse(
            desired,
            f"its file system is {filesystem} and not {desired.filesystem}, and nothing is formatted twice",
            f"Say that it is {filesystem}",
        )
    return volume


def _preparation(desired: Desired, current: State, volume: Volume) -> Iterator[Step[Disks]]:
    disk = current.disk.path
    if current.mounted or volume.filesystem:
        return
    if not volume.name:
        yield Step[Disks](f"sfdisk {disk}", lambda disks: disks.partition(disk, volume.path))
    make = [*MAKE[desired.filesystem], volume.path]
    yield Step[Disks](" ".join(make), lambda disks: disks.run(make))
    # The kernel has the partition already, and would let go of it to read the table again.
    name = ["sfdisk", "--no-reread", "--no-tell-kernel", "--part-label", disk, "1", FINISHED]
    yield Step[Disks](" ".join(name), lambda disks: disks.run(name))


def _mounting(desired: Desired, current: State, volume: Volume, fstab: str) -> Iterator[Step[Disks]]:
    if fstab != current.fstab:
        yield Step[Disks]("write /etc/fstab", lambda disks: disks.enter(desired, volume.path))
    if fstab != current.fstab or not current.mounted:
        # systemd makes its mount units of the file.
        yield Step[Disks]("systemctl daemon-reload", lambda disks: disks.reload())
    if not current.mounted:
        yield Step[Disks](f"mount {desired.path}", lambda disks: disks.mount(desired.path))


def _owning(desired: Desired, current: State) -> Iterator[Step[Disks]]:
    """A new file system belongs to root; of one that is mounted, what is there is compared."""
    folder = current.folder
    new = not current.mounted
    if new or (folder.owner, folder.group) != (desired.owner, desired.group):
        yield Step[Disks](
            f"chown {desired.owner}:{desired.group} {desired.path}",
            lambda disks: disks.own(desired.path, desired.owner, desired.group),
        )
    if new or folder.mode != desired.mode:
        yield Step[Disks](
            f"chmod {desired.mode:04o} {desired.path}",
            lambda disks: disks.permit(desired.path, desired.mode),
        )


def _before(desired: Desired, current: State) -> dict[str, object]:
    lines = _lines(current.fstab, desired.path)
    if not current.mounted:
        return {"path": desired.path, "fstab": lines} if lines else {}
    folder = current.folder
    return {
        "path": desired.path,
        "mounted": current.mounted.source,
        "filesystem": current.mounted.filesystem,
        "owner": f"{folder.owner}:{folder.group} {folder.mode:04o}",
        "fstab": lines,
    }


def _lines(fstab: str, path: str) -> list[str]:
    """The lines for the path: those that a text without any would get in their place."""
    without = with_line(fstab, path, "").splitlines()
    return [line for line in fstab.splitlines() if line not in without]


def _contents(current: State) -> str:
    """All that is on the disk, for a person who has to recognize it."""
    found = [
        f"{signature} on {volume.path}"
        for volume in (current.disk, *current.partitions)
        for signature in volume.signatures
    ]
    found += [f"partition {each.path}" for each in current.partitions if not each.signatures]
    if not found:
        found = ["data of an unknown kind in its first megabyte"]
    return _some(found, len(found))


def _some(names: tuple[str, ...] | list[str], most: int = _NAMED_AT_MOST) -> str:
    return ", ".join([*names[:most], *(["…"] if len(names) > most else [])])


def _refuse(desired: Desired, cause: str, remedy: str) -> NoReturn:
    raise CollectionError(
        "give", "instances the disk", desired.disk, cause, remedy, code="in_use", path=desired.path
    )
