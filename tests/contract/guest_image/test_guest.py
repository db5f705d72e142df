# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The guest, built of Debian's packages, boots from its disk in a real QEMU and gets an address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.client import DebianBuilder
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.qcow2 import qcow2
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.recipe import RECIPE

QEMU = shutil.which("qemu-system-x86_64") or ""
QEMU_IMG = shutil.which("qemu-img") or ""
BOOT_SECONDS = 600
# What QEMU's own network gives.
SAYS = "STACKWRIGHT-GUEST address=10.0.2.15"
needs_qemu = pytest.mark.skipif(not (QEMU and QEMU_IMG), reason="QEMU is not installed")


@pytest.fixture(scope="module")
def guest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its files, in a folder of this user."""
    if not shutil.which("apt-get"):
        pytest.skip("this is no Debian")
    folder = tmp_path_factory.mktemp("guest") / "new"
    DebianBuilder().build(str(folder))
    return folder


def test_what_was_built_is_known_again_and_nothing_else_is_left(guest: Path) -> None:
    assert DebianBuilder().read(str(guest)).recipe == RECIPE
    assert sorted(path.name for path in guest.iterdir()) == ["disk.qcow2", "initramfs", "kernel", "recipe"]
    (guest / "kernel").rename(guest / "elsewhere")
    assert DebianBuilder().read(str(guest)).recipe == ""
    (guest / "elsewhere").rename(guest / "kernel")


@needs_qemu
@pytest.mark.parametrize(
    "raw", [b"\0" * 1024, os.urandom(512), os.urandom(65536) + b"\0" * 200_192 + b"x" * 512]
)
def test_qemu_reads_what_was_written(raw: bytes, tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(raw)
    (tmp_path / "disk").write_bytes(qcow2(raw))
    subprocess.run([QEMU_IMG, "check", str(tmp_path / "disk")], check=True, capture_output=True)
    compare = [QEMU_IMG, "compare", "-f", "raw", "-F", "qcow2"]
    subprocess.run([*compare, str(tmp_path / "raw"), str(tmp_path / "disk")], check=True, capture_output=True)


@needs_qemu
def test_it_boots_from_its_disk_and_gets_an_address(guest: Path, tmp_path: Path) -> None:
    information = [QEMU_IMG, "info", "--output", "json", str(guest / "disk.qcow2")]
    disk = json.loads(subprocess.run(information, check=True, capture_output=True).stdout)
    assert (disk["format"], "backing-filename" in disk) == ("qcow2", False)
    said = tmp_path / "console"
    drive = f"file={guest / 'disk.qcow2'},format=qcow2,if=virtio,snapshot=on"
    devices = ["-serial", f"file:{said}", "-drive", drive, "-nic", "user,model=virtio-net-pci,restrict=on"]
    machine = subprocess.Popen(
        [QEMU, "-accel", "tcg", "-m", "128", "-display", "none", "-monitor", "none", *devices]
    )
    try:
        deadline = time.monotonic() + BOOT_SECONDS
        while not (said.exists() and SAYS in said.read_text(errors="replace")):
            assert machine.poll() is None, "QEMU ended"
            assert time.monotonic() < deadline, said.read_text(errors="replace")[-2000:]
            time.sleep(1)
        assert "error=" not in said.read_text(errors="replace").split(SAYS)[0]
    finally:
        machine.kill()
        machine.wait()
