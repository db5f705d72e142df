"""Build kernel, initramfs and disk of the guest from Debian packages, once per recipe and kernel version."""

import argparse
import gzip
import hashlib
import lzma
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from testhosts import machine, paths
from testhosts.command import run
from testhosts.errors import HostsError

from . import cpio

HERE = Path(__file__).parent
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
FILES = ("kernel", "initramfs", "disk.qcow2")
# What the disk is made with, by package.
BUILDERS = {"qemu-img": "qemu-utils", "mkfs.fat": "dosfstools", "mcopy": "mtools", "syslinux": "syslinux"}
COMMAND_LINE = "console=ttyS0"
BOOT_MENU = (
    f"DEFAULT guest\nPROMPT 0\nLABEL guest\n KERNEL kernel\n INITRD initramfs\n APPEND {COMMAND_LINE}\n"
)
# For the file system and the boot loader beside kernel and initramfs.
DISK_SPARE_KIB = 4096
POWER_BUTTON = b"#!/bin/sh\n/bin/poweroff -f\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the paths of the image's files, built if need be."""
    parser = argparse.ArgumentParser(prog="guest-image", description="Build the guest image.")
    parser.parse_args(arguments)
    try:
        machine.require_root()
        directory = ensure()
    except HostsError as error:
        print(error, file=sys.stderr)
        return 1
    for name in FILES:
        print(directory / name)
    return 0


def ensure() -> Path:
    """The directory of the image, built if it is missing or of another recipe."""
    machine.install_missing(BUILDERS)
    packages = [kernel_package(), "busybox-static"]
    recipe = _recipe(packages)
    directory = paths.cache() / "guest"
    with machine.lock("guest-image"):
        stamp = directory / "recipe"
        if not stamp.exists() or stamp.read_text() != recipe:
            stamp.unlink(missing_ok=True)
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".build-", dir=directory) as work:
                _build(packages, Path(work))
                for name in FILES:
                    (Path(work) / name).rename(directory / name)
            # Written last: without it the files are of no known recipe.
            paths.write(stamp, recipe)
    return directory


def kernel_package() -> str:
    """The package of the newest cloud kernel: what Debian's metapackage depends on."""
    architecture = run(["dpkg", "--print-architecture"]).strip()
    meta = f"linux-image-cloud-{architecture}"
    description = run(["apt-cache", "show", "--no-all-versions", meta], purpose=("find", "package", meta))
    return parse_kernel_package(description, meta)


def parse_kernel_package(description: str, meta: str) -> str:
    """The kernel that a metapackage's description names."""
    for line in description.splitlines():
        if line.startswith("Depends: linux-image-"):
            return line.split()[1].rstrip(",")
    raise HostsError("find", "package", meta, "it depends on no kernel", "Run `apt-get update`")


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
    yield cpio.program("init", (HERE / "init.sh").read_bytes())
    yield cpio.program("dhcp", (HERE / "dhcp.sh").read_bytes())
    yield cpio.program("etc/acpi/PWRF/00000080", POWER_BUTTON)
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
        elif f"/{module}.ko" not in built_in:
            raise HostsError(
                "build",
                "guest",
                "image",
                f"Debian's kernel has no module {module}",
                "Adapt MODULES in tools/guestimage/build.py",
            )


def _build(packages: list[str], work: Path) -> None:
    """Make the three files in a directory."""
    # apt downloads into the current directory only, as a user who must be able to write there.
    downloads = work / "packages"
    downloads.mkdir()
    shutil.chown(work, "_apt")
    shutil.chown(downloads, "_apt")
    run(
        ["sh", "-c", 'cd "$0" && exec apt-get -q download "$@"', str(downloads), *packages],
        purpose=("download", "packages", " ".join(packages)),
    )
    for package in downloads.glob("*.deb"):
        run(["dpkg", "-x", str(package), str(work / "tree")], purpose=("unpack", "package", package.name))
    kernel = next((work / "tree/boot").glob("vmlinuz-*"))
    shutil.copyfile(kernel, work / "kernel")
    (work / "initramfs").write_bytes(initramfs(work / "tree"))
    _disk(work)
    for name in FILES:
        (work / name).chmod(0o644)


def _disk(work: Path) -> None:
    """A disk that boots kernel and initramfs by itself: Nova moves no instance live that it has to give a kernel."""
    raw, menu = work / "disk.raw", work / "syslinux.cfg"
    menu.write_text(BOOT_MENU)
    files = [work / "kernel", work / "initramfs", menu]
    size = sum(file.stat().st_size for file in files) // 1024 + DISK_SPARE_KIB
    for command in (
        # FAT16, the only one that the boot loader takes without partitions at this size.
        ["mkfs.fat", "-F", "16", "-C", str(raw), str(size)],
        ["syslinux", "--install", str(raw)],
        ["mcopy", "-i", str(raw), *map(str, files), "::"],
        ["qemu-img", "convert", "-O", "qcow2", str(raw), str(work / "disk.qcow2")],
    ):
        run(command, purpose=("build", "disk", "disk.qcow2"))


def _recipe(packages: Sequence[str]) -> str:
    """A short name for all that the image is made from."""
    purpose = ("find", "packages", " ".join(packages))
    versions = run(["apt-cache", "show", "--no-all-versions", *packages], purpose=purpose)
    described = [line for line in versions.splitlines() if line.startswith(("Package:", "Version:"))]
    own = [path.read_bytes() for path in (*sorted(HERE.glob("*.sh")), HERE / "build.py", HERE / "cpio.py")]
    return hashlib.sha256(repr((described, own)).encode()).hexdigest() + "\n"
