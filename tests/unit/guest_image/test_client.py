# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What goes into the guest, when it is built, and what is said where it cannot be."""

from __future__ import annotations

import gzip
import lzma
import os
import stat
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._engine.errors import CollectionError
from ansible_collections.stackwright.nova.plugins.module_utils._engine.plan import Plan
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image import cpio, recipe, scripts
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.client import (
    DebianBuilder,
    kernel_package,
)
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.operation import GuestImage
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.parameters import Desired
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.plan import plan
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.qcow2 import LARGEST, qcow2
from ansible_collections.stackwright.nova.plugins.module_utils._guest_image.state import State

THERE = State(recipe.RECIPE, "amd64")
DESIRED = Desired("/g")


@dataclass
class Builder:
    """One that only notes what it is asked for."""

    state: State
    built: list[str] = field(default_factory=list)

    def read(self, directory: str) -> State:
        return self.state

    def build(self, directory: str) -> None:
        self.built.append(directory)


def carried_out(state: State) -> tuple[Plan[DebianBuilder], list[str]]:
    builder = Builder(state)
    operation = GuestImage(DESIRED, builder)
    current = operation.read()
    planned = operation.plan(current)
    if planned.steps:
        operation.apply(current, planned)
    return planned, builder.built


def test_a_guest_that_is_there_stays() -> None:
    planned, built = carried_out(THERE)
    assert (planned.commands, built, planned.before) == ([], [], planned.after)
    assert planned.result["files"]["disk"] == "/g/disk.qcow2"


@pytest.mark.parametrize("before", ["", "another"])
def test_a_missing_one_and_one_of_another_recipe_are_built(before: str) -> None:
    planned, built = carried_out(State(before, "amd64"))
    assert built == ["/g"]
    assert planned.changed
    assert planned.commands[0] == "apt-get update"
    assert "mtools" in planned.commands[1]
    assert bool(planned.before) == bool(before)
    assert planned.result == plan(DESIRED, THERE).result


def test_no_other_processor_is_promised_a_guest() -> None:
    with pytest.raises(
        CollectionError, match=r"for amd64 alone, and this host is arm64. Give the proof an image"
    ):
        plan(DESIRED, State("", "arm64"))
    # The files may have come from another host.
    assert not plan(DESIRED, State(recipe.RECIPE, "arm64")).steps


def test_a_host_without_dpkg_is_told_so() -> None:
    with pytest.raises(CollectionError, match=r"Cannot build guest image: .* no dpkg"):
        plan(DESIRED, State())


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_what_a_program_says_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ansible_collections.stackwright.nova.plugins.module_utils._guest_image import client

    programs = tmp_path / "bin"
    programs.mkdir()
    program(programs, "apt-get", "[ \"$2\" = update ] || { echo 'E: no way to the mirror' >&2; exit 100; }")
    program(programs, "apt-cache", "echo '  Depends: linux-image-6.1.0-9-cloud-amd64'")
    real = client.run_command
    monkeypatch.setattr(
        client,
        "run_command",
        lambda argv: real(["env", f"PATH={programs}:{os.environ['PATH']}", *argv]),
    )
    directory = tmp_path / "guest"
    with pytest.raises(
        CollectionError, match=r"apt-get download ended with 100: E: no way to the mirror. Correct"
    ):
        DebianBuilder().build(str(directory))
    assert list(directory.iterdir()) == []


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CollectionError, match=r"Cannot build guest image in .*/file/guest: Not a directory"):
        DebianBuilder().build(str(tmp_path / "file/guest"))


def test_the_disk_has_room_for_what_is_not_zero_only() -> None:
    disk = qcow2(b"\0" * (1 << 20) + b"x" * 512)
    assert disk[:8] == b"QFI\xfb\0\0\0\3"
    assert len(disk) == 6 * 65536
    for size in (511, LARGEST + 512):
        with pytest.raises(ValueError, match="no disk"):
            qcow2(bytes(size))


def test_the_archive_has_the_format_that_the_kernel_reads() -> None:
    data = cpio.archive(
        [cpio.directory("bin"), cpio.program("init", b"#!/bin/sh\n"), cpio.link("bin/sh", "busybox")]
    )
    assert data.startswith(b"070701")
    assert len(data) % 4 == 0
    assert b"TRAILER!!!" in data


def test_the_newest_kernel_is_what_the_metapackage_depends_on() -> None:
    listed = "linux-image-cloud-amd64\n  Depends: linux-image-6.1.0-9-cloud-amd64\n"
    assert kernel_package(listed) == "linux-image-6.1.0-9-cloud-amd64"


def test_lists_without_the_kernel_are_an_error() -> None:
    with pytest.raises(
        CollectionError, match="this host's lists of packages have no linux-image-cloud-amd64"
    ):
        kernel_package("")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Unpacked packages: one module is compressed, the last one built in."""
    modules = tmp_path / "lib/modules/6"
    modules.mkdir(parents=True)
    for name in recipe.MODULES[:-2]:
        (modules / f"{name}.ko").write_bytes(name.encode())
    (modules / f"{recipe.MODULES[-2]}.ko.xz").write_bytes(lzma.compress(b"compressed"))
    (modules / "modules.builtin").write_text(f"kernel/drivers/{recipe.MODULES[-1]}.ko\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/busybox").write_bytes(b"busybox")
    return tmp_path


def test_modules_load_in_order_and_built_in_ones_not_at_all(tree: Path) -> None:
    content = gzip.decompress(recipe.initramfs(tree))
    order = "\n".join(f"{name}.ko" for name in recipe.MODULES[:-1]) + "\n"
    assert order.encode() in content
    assert b"compressed" in content


def test_the_same_packages_make_the_same_image(tree: Path) -> None:
    assert recipe.initramfs(tree) == recipe.initramfs(tree)


def test_a_missing_module_is_an_error(tree: Path) -> None:
    (tree / "lib/modules/6" / f"{recipe.MODULES[0]}.ko").unlink()
    with pytest.raises(CollectionError, match=f"no module {recipe.MODULES[0]}"):
        recipe.initramfs(tree)


def test_an_older_kernel_has_fewer_modules(tree: Path) -> None:
    for name in ("virtio_pci_legacy_dev", "virtio_pci_modern_dev"):
        (tree / f"lib/modules/6/{name}.ko").unlink()
    assert b"modules/virtio_pci.ko" in gzip.decompress(recipe.initramfs(tree))


@pytest.mark.parametrize("script", [scripts.INIT, scripts.DHCP], ids=["init", "dhcp"])
def test_scripts_of_the_guest_parse(script: str) -> None:
    subprocess.run(["sh", "-n"], input=script.encode(), check=True)
    subprocess.run([Path(sys.executable).with_name("shellcheck"), "-"], input=script.encode(), check=True)


def test_every_program_that_the_scripts_use_is_in_the_image() -> None:
    for applet in ("acpid", "udhcpc", "timeout", "wget", "httpd", "insmod", "sed"):
        assert applet in recipe.APPLETS
