"""A disk that boots a root file system by itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from testhosts.command import run

# What the disk is made with, by package.
BUILDERS = {
    "mke2fs": "e2fsprogs",
    "extlinux": "extlinux",
    "sfdisk": "fdisk",
    "mount": "mount",
    "qemu-img": "qemu-utils",
    "/usr/lib/syslinux/mbr/mbr.bin": "syslinux-common",
}
LABEL = "root"
# The kernel names network interfaces as containers do: eth0, eth1.
COMMAND_LINE = f"root=LABEL={LABEL} ro console=ttyS0,115200 net.ifnames=0"
# In bytes: where partitions begin everywhere.
OFFSET = 1024**2
_MBR = Path("/usr/lib/syslinux/mbr/mbr.bin")
# extlinux 6 cannot read newer ones.
_FEATURES = "^64bit,^metadata_csum,^orphan_file"


def write(root: Path, work: Path, gib: int) -> Path:
    """The disk of a root file system, as a qcow2 file in the directory ``work``; ``gib`` is its size."""
    raw, image = work / "disk.raw", work / "box.img"
    with raw.open("wb") as file:
        file.truncate(gib * 1024**3)
    _run(["sfdisk", "--quiet", str(raw)], stdin=f"{OFFSET // 512},,L,*\n")
    with raw.open("r+b") as file:
        file.write(_MBR.read_bytes())
    kib = (gib * 1024**3 - OFFSET) // 1024
    file_system = ["mke2fs", "-q", "-F", "-t", "ext4", "-L", LABEL, "-O", _FEATURES, "-E", f"offset={OFFSET}"]
    _run([*file_system, "-d", str(root), str(raw), f"{kib}k"])
    with _mounted(raw, work / "mounted") as top:
        loader = top / "boot/extlinux"
        loader.mkdir()
        (loader / "extlinux.conf").write_text(boot_menu([path.name for path in (top / "boot").iterdir()]))
        _run(["extlinux", "--install", str(loader)])
    _run(["qemu-img", "convert", "-O", "qcow2", str(raw), str(image)])
    raw.unlink()
    return image


def boot_menu(names: list[str]) -> str:
    """The boot loader's configuration for the newest of the kernels in /boot."""
    newest = max(name.removeprefix("vmlinuz-") for name in names if name.startswith("vmlinuz-"))
    return (
        "DEFAULT linux\nPROMPT 0\nLABEL linux\n"
        f" KERNEL /boot/vmlinuz-{newest}\n INITRD /boot/initrd.img-{newest}\n APPEND {COMMAND_LINE}\n"
    )


@contextmanager
def _mounted(raw: Path, place: Path) -> Iterator[Path]:
    place.mkdir()
    _run(["mount", "-o", f"loop,offset={OFFSET}", str(raw), str(place)])
    try:
        yield place
    finally:
        _run(["umount", str(place)])


def _run(argv: list[str], stdin: str | None = None) -> None:
    run(argv, purpose=("build", "disk", "box.img"), stdin=stdin)
