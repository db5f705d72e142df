# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a box is made of, as far as it needs no machine."""

import json
import tarfile
from pathlib import Path

from testhosts.sources import Source, render
from vmbox import build, disk


def test_the_newest_kernel_is_booted() -> None:
    menu = disk.boot_menu(
        ["config-6.1.0-50", "vmlinuz-6.1.0-50", "vmlinuz-6.1.0-56", "initrd.img-6.1.0-56", "grub"]
    )
    assert " KERNEL /boot/vmlinuz-6.1.0-56\n INITRD /boot/initrd.img-6.1.0-56\n" in menu
    assert "root=LABEL=root" in menu


def test_a_box_asks_the_archive_itself() -> None:
    sources = [Source("https://mirror.example/debian", "")]
    assert "https://mirror.example/debian bookworm main" in render(sources, "bookworm", cached=False)
    assert "http://HTTPS///mirror.example/debian bookworm main" in render(sources, "bookworm")


def test_a_box_is_what_vagrant_takes(tmp_path: Path) -> None:
    image = tmp_path / "box.img"
    image.write_bytes(b"disk")
    build._pack(image, tmp_path / "box")
    with tarfile.open(tmp_path / "box") as tar:
        assert sorted(tar.getnames()) == ["Vagrantfile", "box.img", "metadata.json"]
        metadata = json.load(tar.extractfile("metadata.json"))
    assert metadata == {"provider": "libvirt", "format": "qcow2", "virtual_size": build.GIB}
