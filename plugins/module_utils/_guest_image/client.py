# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the guest of Debian's packages, which are unpacked in a temporary folder: nothing is installed on the host."""

from __future__ import annotations

import os
import pwd
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .._engine.errors import CollectionError, UnreachableError
from .._engine.file_errors import file_cause, file_remedy
from .._engine.process import last_words, run_command
from .parameters import FILES
from .qcow2 import qcow2
from .recipe import BOOT_MENU, RECIPE, initramfs
from .state import State

ARCHITECTURE = "amd64"
METAPACKAGE = f"linux-image-cloud-{ARCHITECTURE}"
PACKAGES = ("busybox-static", "dosfstools", "mtools", "syslinux")
"""What the guest runs, and what its disk is made with."""

_STAMP = "recipe"
# For the file system and the boot loader beside kernel and initramfs.
_DISK_ROOM_KIB = 4096
_FOLDERS_OF_PROGRAMS = ("usr/bin", "usr/sbin", "bin", "sbin")
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_DOWNLOADER = "_apt"
_REMEDY = "Correct the host's sources of packages, or its way to the mirror, or give the proof an image of the cloud"


class DebianBuilder:
    """The apt-get and dpkg of this host; it need not be root."""

    def read(self, directory: str) -> State:
        """What is there."""
        folder = Path(directory)
        whole = all((folder / name).is_file() for name in (*FILES.values(), _STAMP))
        return State((folder / _STAMP).read_text().strip() if whole else "", _architecture())

    def build(self, directory: str) -> None:
        """Build the files. Raises CollectionError with what the host's programs said."""
        folder = Path(directory)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=".build-", dir=folder) as work:
                _make(Path(work))
                _keep(Path(work), folder)
        except OSError as error:
            path = str(error.filename or f"{directory}/")
            cause = f"{file_cause(error)} ({path})"
            raise CollectionError(
                "build", "guest image in", directory, cause, file_remedy(error, path), code="build"
            ) from error


def kernel_package(dependencies: str) -> str:
    """The newest kernel: what Debian's metapackage depends on, as apt-cache lists that."""
    for line in dependencies.splitlines():
        if line.strip().startswith("Depends: linux-image-"):
            return line.split()[1]
    raise _failed(f"this host's lists of packages have no {METAPACKAGE}")


def _make(work: Path) -> None:
    tree = work / "tree"
    _unpack(_download(work / "packages"), tree)
    kernel = next((tree / "boot").glob("vmlinuz-*"))
    kernel.replace(work / FILES["kernel"])
    (work / FILES["initramfs"]).write_bytes(initramfs(tree))
    (work / FILES["disk"]).write_bytes(qcow2(_disk(work, tree)))


def _download(folder: Path) -> list[Path]:
    """The packages as files."""
    # Old lists name packages that the mirror has no more. If they cannot be refreshed, they may still do.
    run_command(["apt-get", "-q", "update"])
    kernel = kernel_package(_run(["apt-cache", "depends", "--important", METAPACKAGE]))
    folder.mkdir()
    _let_in(folder)
    # apt-get downloads into the current directory only.
    _run(
        ["sh", "-c", 'cd "$0" && exec apt-get -q download "$@"', str(folder), kernel, *PACKAGES],
        label="apt-get download",
    )
    return sorted(folder.glob("*.deb"))


def _let_in(folder: Path) -> None:
    """Of root's apt-get another user downloads."""
    if os.geteuid() == 0 and any(account.pw_name == _DOWNLOADER for account in pwd.getpwall()):
        for path in (folder.parent, folder):
            shutil.chown(path, _DOWNLOADER)


def _unpack(packages: Sequence[Path], tree: Path) -> None:
    for package in packages:
        _run(["dpkg", "-x", str(package), str(tree)], label=f"dpkg -x {package.name}")


def _disk(work: Path, tree: Path) -> bytes:
    """A disk that boots kernel and initramfs by itself: Nova moves no instance live that it has to give a kernel."""
    raw, menu = work / "disk.raw", work / "syslinux.cfg"
    menu.write_text(BOOT_MENU)
    files = [work / FILES["kernel"], work / FILES["initramfs"], menu]
    size = sum(file.stat().st_size for file in files) // 1024 + _DISK_ROOM_KIB
    for argv in (
        # FAT16, the only one that the boot loader takes without partitions at this size.
        ["mkfs.fat", "-F", "16", "-C", str(raw), str(size)],
        ["syslinux", "--install", str(raw)],
        ["mcopy", "-i", str(raw), *map(str, files), "::"],
    ):
        _run(argv, label=argv[0], tree=tree)
    return raw.read_bytes()


def _keep(work: Path, folder: Path) -> None:
    """Put the files in their place. The stamp comes last: without it they are of no known recipe."""
    (folder / _STAMP).unlink(missing_ok=True)
    stamp = work / _STAMP
    stamp.write_text(f"{RECIPE}\n")
    for name in (*FILES.values(), _STAMP):
        (work / name).chmod(0o644)
        (work / name).replace(folder / name)


def _architecture() -> str:
    try:
        return _run(["dpkg", "--print-architecture"]).strip()
    except UnreachableError:
        return ""


def _run(argv: Sequence[str], *, label: str = "", tree: Path | None = None) -> str:
    """What a command prints; ``tree`` is where unpacked programs are looked for first."""
    path = [*(f"{tree}/{folder}" for folder in _FOLDERS_OF_PROGRAMS if tree), _SYSTEM_PATH]
    output = run_command(["env", f"PATH={':'.join(path)}", *argv] if tree else argv)
    if output.code:
        raise _failed(
            f"{label or argv[0]} ended with {output.code}: {last_words(output.stderr, output.stdout)}"
        )
    return output.stdout


def _failed(cause: str) -> CollectionError:
    return CollectionError("build", "guest image", "", cause, _REMEDY, code="build")
