"""Build the box of a group of hosts, once per recipe: what its local test host has, a kernel, Vagrant's user."""

import argparse
import hashlib
import json
import shutil
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from testhosts import cache, container, lab, layer, machine, paths, rootfs, sources
from testhosts.cli import DEFAULT_SUITE
from testhosts.command import run
from testhosts.errors import HostsError

from . import disk

HERE = Path(__file__).parent
# Those of the hosts that have boxes.
GROUPS = ("controller", "compute")
BUILDS = ".boxes"
PACKAGES = ("apparmor", "ifupdown", "initramfs-tools", "isc-dhcp-client", "rsync")
GIB = 16
USER = "vagrant"
# The key that Vagrant has for boxes of its users' own, where Debian's package puts it.
KEYS = "usr/share/rubygems-integration/all/gems/vagrant-*/keys/vagrant.pub"
# Units that the packages have enabled, which the first boot must not start: masked until that boot is under way.
MASKED = "var/lib/first-boot/masked"
FILES = {
    "etc/fstab": f"LABEL={disk.LABEL} / ext4 errors=remount-ro 0 1\n",
    "etc/hostname": "debian\n",
    "etc/hosts": "127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/machine-id": "",
    "etc/network/interfaces": "auto lo eth0\niface lo inet loopback\niface eth0 inet dhcp\n",
    "etc/ssh/sshd_config.d/vagrant.conf": "UseDNS no\n",
    "etc/systemd/system/first-boot.service": (HERE / "first-boot.service").read_text(),
}
SETUP = f"""
set -e
useradd --create-home --shell /bin/bash {USER}
install --directory --owner={USER} --group={USER} --mode=700 /home/{USER}/.ssh
systemctl enable first-boot.service
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the paths of the boxes, built if need be."""
    parser = argparse.ArgumentParser(prog="vm-box", description="Build boxes for Vagrant's libvirt provider.")
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"of {', '.join(GROUPS)}; both by default")
    parser.add_argument("--suite", default=DEFAULT_SUITE, help="Debian's release (default %(default)s)")
    options = parser.parse_args(arguments)
    try:
        machine.require_root()
        for group in options.groups or GROUPS:
            print(ensure(options.suite, group))
    except HostsError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def ensure(suite: str, group: str) -> Path:
    """The box of a group, built if there is none of this recipe; older ones go."""
    machine.prepare()
    machine.install_missing(disk.BUILDERS)
    key = _key(group)
    cache.ensure()
    lower = lab.file_systems(suite, group)
    box = paths.cache() / "boxes" / f"{suite}-{group}-{_recipe(lower, key)}.box"
    with machine.lock(f"box-{suite}-{group}"):
        if not box.exists():
            box.parent.mkdir(parents=True, exist_ok=True)
            print(f"Building box {box.name} ...", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix=".build-", dir=box.parent) as work:
                with _root(Path(work), lower, f"{suite}-{group}", key) as root:
                    image = disk.write(root, Path(work), GIB)
                archive = Path(work) / "box"
                _pack(image, archive)
                for old in box.parent.glob(f"{suite}-{group}-*.box"):
                    old.unlink()
                archive.rename(box)
    return box


@contextmanager
def _root(work: Path, lower: str, kind: str, key: str) -> Iterator[Path]:
    """The file system of the machine, for as long as it is needed."""
    root = rootfs.mount(work, lower)
    try:
        rootfs.put(root / layer.POLICY, layer.HOLD_BACK, 0o755)
        kernel = f"linux-image-cloud-{run(['dpkg', '--print-architecture']).strip()}"
        install = ["/bin/sh", "-c", layer.INSTALL, "sh", *PACKAGES, kernel]
        container.run_in(root, BUILDS, kind, install, purpose=("install", "packages in box", kind))
        _furnish(root, Path(lower.partition(":")[0]), kind, key)
        yield root
    finally:
        container.kill(BUILDS, kind)
        rootfs.unmount(work)


def _furnish(root: Path, part: Path, kind: str, key: str) -> None:
    for path, text in FILES.items():
        rootfs.put(root / path, text)
    rootfs.put(root / f"etc/sudoers.d/{USER}", f"{USER} ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    # The machine's own archive, asked directly: there is no cache where the box goes.
    rootfs.put(
        root / "etc/apt/sources.list",
        sources.render(machine.debian_sources(), kind.partition("-")[0], cached=False),
    )
    for useless in ("etc/apt/apt.conf.d/99mmdebstrap", layer.POLICY):
        (root / useless).unlink(missing_ok=True)
    container.run_in(root, BUILDS, kind, ["/bin/sh", "-c", SETUP], purpose=("furnish", "box", kind))
    keys = root / f"home/{USER}/.ssh/authorized_keys"
    rootfs.put(keys, key, 0o600)
    owner = keys.parent.stat()
    shutil.chown(keys, owner.st_uid, owner.st_gid)
    layer.furnish(root, part)
    layer.hold_back(root, part)
    rootfs.put(root / MASKED, "".join(f"{unit}\n" for unit in layer.enabled(part)))


def _pack(image: Path, archive: Path) -> None:
    """What Vagrant takes for a box."""
    work = image.parent
    (work / "metadata.json").write_text(
        json.dumps({"provider": "libvirt", "format": "qcow2", "virtual_size": GIB})
    )
    (work / "Vagrantfile").write_text("Vagrant.configure('2') { |config| }\n")
    with tarfile.open(archive, "w") as tar:
        for name in ("metadata.json", "Vagrantfile", image.name):
            tar.add(work / name, name)


def _key(group: str) -> str:
    """Vagrant's public key."""
    found = sorted(Path("/").glob(KEYS))
    if not found:
        raise HostsError("build", "box", group, "Vagrant's key is not there", "Install the package vagrant")
    return found[-1].read_text()


def _recipe(lower: str, key: str) -> str:
    """A short name for all that a box is made from."""
    parts: tuple[object, ...] = (
        lower,
        PACKAGES,
        GIB,
        sorted(FILES.items()),
        SETUP,
        disk.COMMAND_LINE,
        key,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]
