# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module instance_proof is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._clients import openstack
from . import console
from .moves import PARTS

ARGUMENTS: dict[str, Any] = {
    **openstack.ARGUMENTS,
    "name": {"type": "str", "default": "stackwright-proof"},
    "hosts": {"type": "list", "elements": "str", "default": []},
    "cells": {"type": "dict", "default": {}},
    "files": {
        "type": "dict",
        "options": {
            "kernel": {"type": "path"},
            "initramfs": {"type": "path"},
            "disk": {"type": "path", "required": True},
            "command_line": {"type": "str", "default": "console=ttyS0"},
        },
        "required_together": [("kernel", "initramfs")],
    },
    "image": {"type": "str"},
    "memory": {"type": "int", "default": 128},
    "disk": {"type": "int", "default": 1},
    "vcpus": {"type": "int", "default": 1},
    "subnet": {"type": "str", "default": "192.168.222.0/24"},
    "external_network": {"type": "str"},
    "floating_ip": {"type": "str"},
    "console": {
        "type": "dict",
        "default": {
            "address": "STACKWRIGHT-GUEST address={address}",
            "metadata": "STACKWRIGHT-GUEST instance-id={instance_id}",
        },
    },
    "console_error": {"type": "str", "default": "STACKWRIGHT-GUEST error="},
    "novnc": {"type": "bool", "default": True},
    "novnc_picture": {"type": "bool", "default": False},
    "moves": {"type": "list", "elements": "str", "choices": list(PARTS), "default": list(PARTS)},
    "keep_failed": {"type": "bool", "default": False},
    "timeout": {"type": "float", "default": 300},
}

CONSTRAINTS: dict[str, Any] = {
    "required_one_of": [("files", "image")],
    "mutually_exclusive": [("files", "image")],
}

# What a guest from files answers to who asks it by HTTP.
_IDENTITY = "{instance_id}"
# What an instance that is resized gets more, in MB.
_MORE_MEMORY = 64


@dataclass(frozen=True)
class ImageFiles:
    """A guest as files on this host: a disk that boots by itself, or one that points at a kernel and an initramfs."""

    disk: str
    kernel: str | None = None
    initramfs: str | None = None
    command_line: str = "console=ttyS0"

    @property
    def paths(self) -> dict[str, str]:
        """The files that there are, by what they are, the disk last: it points at the others."""
        paths = {"kernel": self.kernel, "initramfs": self.initramfs, "disk": self.disk}
        return {kind: path for kind, path in paths.items() if path}

    def pointers(self, ids: Mapping[str, str]) -> dict[str, str]:
        """The properties that link the disk's image to the other images, which have these ids."""
        if not self.kernel:
            return {}
        return {
            "kernel_id": ids["kernel"],
            "ramdisk_id": ids["initramfs"],
            "os_command_line": self.command_line,
        }


@dataclass(frozen=True)
class Flavor:
    """The size of an instance; ``memory`` is in MB, ``disk`` in GB."""

    name: str
    memory: int
    disk: int
    vcpus: int


@dataclass(frozen=True)
class Desired:
    """One proof.

    ``hosts``: one instance on each; empty: one, wherever the scheduler puts it. ``cells`` are those of hosts, by the
    host; hosts that are not named are in one. ``image`` (name or id) is
    used instead of ``files``. ``console`` maps a part's name to the line that the guest must print, with the
    placeholders of console.expected(). ``memory`` is in MB, ``disk`` in GB, the timeouts in seconds.
    ``external_network``: None uses the first there is, "" none. ``floating_ip``: what must be answered on one, "" for
    none, with the same placeholders. ``moves`` are keys of moves.PARTS, in order.
    """

    name: str
    hosts: tuple[str, ...] = ()
    cells: Mapping[str, str] = field(default_factory=dict)
    files: ImageFiles | None = None
    image: str | None = None
    memory: int = 128
    disk: int = 1
    vcpus: int = 1
    subnet: str = "192.168.222.0/24"
    external_network: str | None = None
    floating_ip: str = ""
    console: Mapping[str, str] = field(default_factory=dict)
    console_error: str = ""
    novnc: bool = True
    novnc_picture: bool = False
    moves: tuple[str, ...] = ()
    keep_failed: bool = False
    timeout: float = 300.0

    @property
    def server_names(self) -> dict[str, str]:
        """The name of the instance for each host ("" where the scheduler chooses)."""
        return {host: f"{self.name}-{host}" for host in self.hosts} or {"": self.name}

    @property
    def image_names(self) -> dict[str, str]:
        """The names of the images that the files become, by what they are."""
        paths = self.files.paths if self.files else {}
        return {kind: self.name if kind == "disk" else f"{self.name}-{kind}" for kind in paths}

    @property
    def flavor(self) -> Flavor:
        """What instances boot with."""
        return Flavor(self.name, self.memory, self.disk, self.vcpus)

    @property
    def larger_flavor(self) -> Flavor:
        """What an instance gets by the resize."""
        return Flavor(f"{self.name}-larger", self.memory + _MORE_MEMORY, self.disk, self.vcpus)


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters. Raises CollectionError for a placeholder that there is not."""
    floating_ip = params["floating_ip"]
    if floating_ip is None:
        floating_ip = _IDENTITY if params["files"] else ""
    for lines in (params["console"], {"floating_ip": floating_ip}):
        console.expected(lines, dict.fromkeys(console.PLACEHOLDERS, ""))
    return Desired(
        name=params["name"],
        hosts=tuple(params["hosts"]),
        cells=params["cells"],
        files=ImageFiles(**params["files"]) if params["files"] else None,
        image=params["image"],
        memory=params["memory"],
        disk=params["disk"],
        vcpus=params["vcpus"],
        subnet=params["subnet"],
        external_network=params["external_network"],
        floating_ip=floating_ip,
        console=params["console"],
        console_error=params["console_error"],
        novnc=params["novnc"],
        novnc_picture=params["novnc_picture"],
        moves=tuple(dict.fromkeys(params["moves"])),
        keep_failed=params["keep_failed"],
        timeout=params["timeout"],
    )
