# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``instances_disk`` reads."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Volume:
    """A disk or partition: what wipefs finds on it, and the file system among that, with its label and UUID.

    ``name``: of a partition, in its table. ``data``: it begins with something that is not zero.
    """

    path: str
    name: str = ""
    signatures: tuple[str, ...] = ()
    filesystem: str = ""
    label: str = ""
    uuid: str = ""
    data: bool = False

    @property
    def blank(self) -> bool:
        """Whether nothing that anybody could miss is on it."""
        return not self.signatures and not self.data


@dataclass(frozen=True)
class Mount:
    """What is mounted in a place, or is to be by /etc/fstab: the device, and what it is mounted as."""

    source: str
    filesystem: str = ""
    options: str = ""


@dataclass(frozen=True)
class MountPoint:
    """The folder that the disk is (to be) mounted on: names of what is in it, its owner, group and permission bits."""

    entries: tuple[str, ...] = ()
    owner: str = ""
    group: str = ""
    mode: int = 0


@dataclass(frozen=True)
class State:
    """The disk by the kernel's own name, its partitions, and the place where it is to be mounted.

    ``kind``: what lsblk takes it for. ``users``: what is made of it or where it is mounted, as far as that is known;
    ``busy``: something has it, known or not. ``mounted``: what is in the place now; ``entry``: what /etc/fstab has.
    """

    disk: Volume
    kind: str = "disk"
    partitions: tuple[Volume, ...] = ()
    users: tuple[str, ...] = ()
    busy: bool = False
    mounted: Mount | None = None
    entry: Mount | None = None
    fstab: str = ""
    folder: MountPoint = field(default_factory=MountPoint)
