# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guest is made of. Pure: from unpacked packages to the bytes of its initramfs."""

from __future__ import annotations

import gzip
import hashlib
import lzma
from collections.abc import Iterator
from pathlib import Path

from .._engine.errors import CollectionError
from . import cpio, scripts

# In the order in which they depend on each other; button and evdev are the power button.
MODULES = (
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "failover",
    "net_failover",
    "virtio_net",
    "button",
    "evdev",
)
# Kernels before 5.17 have one or both of them in virtio_pci itself.
_PARTS = ("virtio_pci_legacy_dev", "virtio_pci_modern_dev")
APPLETS = (
    "acpid",
    "cat",
    "cut",
    "dmesg",
    "grep",
    "head",
    "hostname",
    "httpd",
    "insmod",
    "ip",
    "mkdir",
    "mount",
    "poweroff",
    "sed",
    "sh",
    "sleep",
    "timeout",
    "udhcpc",
    "uname",
    "wget",
)
# An emulator on a host that does much else misses ticks while the kernel tries its timer, which then panics.
_COMMAND_LINE = "console=ttyS0 no_timer_check"
BOOT_MENU = (
    f"DEFAULT guest\nPROMPT 0\nLABEL guest\n KERNEL kernel\n INITRD initramfs\n APPEND {_COMMAND_LINE}\n"
)
_POWER_BUTTON = b"#!/bin/sh\n/bin/poweroff -f\n"
# By hand: raised where the code that follows builds another guest of the same ingredients.
_EDITION = 1

RECIPE = hashlib.sha256(
    repr((_EDITION, MODULES, APPLETS, BOOT_MENU, _POWER_BUTTON, scripts.INIT, scripts.DHCP)).encode()
).hexdigest()
"""Shows that a guest that was built before is this one."""


def initramfs(tree: Path) -> bytes:
    """The guest's whole file system, from unpacked packages."""
    return gzip.compress(cpio.archive(_entries(tree)), mtime=0)


def _entries(tree: Path) -> Iterator[cpio.Entry]:
    for name in ("bin", "dev", "etc", "etc/acpi", "etc/acpi/PWRF", "modules", "proc", "sys"):
        yield cpio.directory(name)
    yield cpio.device_node("dev/console", 5, 1)
    yield cpio.program("bin/busybox", _busybox(tree).read_bytes())
    for applet in APPLETS:
        yield cpio.link(f"bin/{applet}", "busybox")
    yield cpio.program("init", scripts.INIT.encode())
    yield cpio.program("dhcp", scripts.DHCP.encode())
    yield cpio.program("etc/acpi/PWRF/00000080", _POWER_BUTTON)
    found = list(_modules(tree))
    for name, content in found:
        yield cpio.program(f"modules/{name}", content)
    yield cpio.program("modules/order", "".join(f"{name}\n" for name, _content in found).encode())


def _busybox(tree: Path) -> Path:
    return next(path for path in (tree / "bin/busybox", tree / "usr/bin/busybox") if path.exists())


def _modules(tree: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of the kernel modules, unpacked; what is built into the kernel needs none."""
    built_in = "".join(path.read_text() for path in tree.rglob("modules.builtin"))
    for module in MODULES:
        files = list(tree.rglob(f"{module}.ko")) + list(tree.rglob(f"{module}.ko.xz"))
        if files:
            content = files[0].read_bytes()
            yield f"{module}.ko", lzma.decompress(content) if files[0].suffix == ".xz" else content
        elif module not in _PARTS and f"/{module}.ko" not in built_in:
            raise CollectionError(
                "build",
                "guest image",
                "",
                f"Debian's kernel has no module {module}",
                "This is a defect of stackwright.nova: report it; until then name an image that the cloud has",
                code="build",
            )
