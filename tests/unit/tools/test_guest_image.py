"""The guest image's archive and what goes into it."""

import gzip
import lzma
import subprocess
from pathlib import Path

import pytest
from guestimage import build, cpio
from testhosts.errors import HostsError

META = "linux-image-cloud-amd64"


def test_the_archive_has_the_format_that_the_kernel_reads() -> None:
    data = cpio.archive(
        [cpio.directory("bin"), cpio.program("init", b"#!/bin/sh\n"), cpio.link("bin/sh", "busybox")]
    )
    assert data.startswith(b"070701")
    assert len(data) % 4 == 0
    assert b"TRAILER!!!" in data


def test_the_newest_kernel_is_what_the_metapackage_depends_on() -> None:
    description = "Package: x\nDepends: linux-image-6.1.0-9-cloud-amd64 (= 6.1.2-1)\n"
    assert build.parse_kernel_package(description, META) == "linux-image-6.1.0-9-cloud-amd64"


def test_a_metapackage_without_kernel_is_an_error() -> None:
    with pytest.raises(
        HostsError, match="Cannot find package linux-image-cloud-amd64: it depends on no kernel"
    ):
        build.parse_kernel_package("Package: x\n", META)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Unpacked packages: one module is compressed, the last one built in."""
    modules = tmp_path / "lib/modules/6"
    modules.mkdir(parents=True)
    for name in build.MODULES[:-2]:
        (modules / f"{name}.ko").write_bytes(name.encode())
    (modules / f"{build.MODULES[-2]}.ko.xz").write_bytes(lzma.compress(b"compressed"))
    (modules / "modules.builtin").write_text(f"kernel/drivers/{build.MODULES[-1]}.ko\n")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/busybox").write_bytes(b"busybox")
    return tmp_path


def test_modules_load_in_order_and_built_in_ones_not_at_all(tree: Path) -> None:
    content = gzip.decompress(build.initramfs(tree))
    order = "\n".join(f"{name}.ko" for name in build.MODULES[:-1]) + "\n"
    assert order.encode() in content
    assert b"compressed" in content


def test_the_same_packages_make_the_same_image(tree: Path) -> None:
    assert build.initramfs(tree) == build.initramfs(tree)


def test_a_missing_module_is_an_error(tree: Path) -> None:
    (tree / "lib/modules/6" / f"{build.MODULES[0]}.ko").unlink()
    with pytest.raises(HostsError, match=f"no module {build.MODULES[0]}"):
        build.initramfs(tree)


@pytest.mark.parametrize("script", ["init.sh", "dhcp.sh"])
def test_scripts_of_the_guest_parse(script: str) -> None:
    subprocess.run(["sh", "-n", str(build.HERE / script)], check=True)


def test_every_program_that_the_scripts_use_is_in_the_image() -> None:
    for applet in ("acpid", "udhcpc", "timeout", "wget", "httpd", "insmod", "sed"):
        assert applet in build.APPLETS
