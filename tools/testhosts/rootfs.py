"""Root file systems: one cached base per suite and recipe, and a writable layer per host on top of it."""

import hashlib
import os
import shutil
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Collection
from pathlib import Path

from . import cache, kernel, machine, paths, sources
from .command import run, succeeds
from .errors import HostsError

PACKAGES = (
    "adduser",
    "ca-certificates",
    "dbus",
    "iproute2",
    "iptables",
    "iputils-ping",
    "kmod",
    "less",
    "netbase",
    "openssh-server",
    "procps",
    "python3",
    "python3-apt",
    "sudo",
    "systemd",
    "systemd-sysv",
    "udev",
)
# Nobody reads manuals in a test host, and nothing in it has to survive a power cut.
DPKG_OPTIONS = (
    "force-unsafe-io",
    "path-exclude=/usr/share/man/*",
    "path-exclude=/usr/share/doc/*",
    "path-include=/usr/share/doc/*/copyright",
)
APT_OPTIONS = (f'Acquire::http::Proxy "{cache.URL}"', 'Acquire::Languages "none"')
FILES = {
    "etc/default/locale": "LANG=C.UTF-8\n",
    "etc/ssh/sshd_config.d/test-host.conf": "PasswordAuthentication no\nMaxStartups 100\nMaxSessions 100\n",
    "etc/machine-id": "",
}
# What the machine's administrator added to those that Debian believes: behind a proxy, nothing is reached without.
AUTHORITIES = Path("/usr/local/share/ca-certificates")
# Timers of apt would take dpkg's lock at any time; there is no console to log in on.
MASKED_UNITS = ("apt-daily.timer", "apt-daily-upgrade.timer", "console-getty.service")
LISTS_FRESH_SECONDS = 12 * 3600
# Another checkout may have another recipe: what it uses stays for a day.
UNUSED_SECONDS = 24 * 3600


def recipe(suite: str, source_list: str) -> str:
    """A short name for all that a base is made from."""
    written = sorted({**FILES, **authorities()}.items())
    parts = (suite, source_list, PACKAGES, DPKG_OPTIONS, APT_OPTIONS, written, MASKED_UNITS)
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


def authorities() -> dict[str, str]:
    """The machine's own certificate authorities, by their paths below the root."""
    return {str(path).lstrip("/"): path.read_text() for path in AUTHORITIES.rglob("*.crt")}


def ensure_base(suite: str, in_use: Callable[[], Collection[str]]) -> Path:
    """The base file system of a suite, built if there is none of this recipe; old ones in nobody's use go."""
    source_list = sources.render(machine.debian_sources(), suite)
    base = paths.cache() / "base" / f"{suite}-{recipe(suite, source_list)}"
    with machine.lock(f"base-{suite}"):
        if not base.exists():
            base.parent.mkdir(parents=True, exist_ok=True)
            for abandoned in base.parent.glob(f".{suite}-*"):
                remove_tree(abandoned)
            print(f"Building the base file system of {suite} ...", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory(prefix=f".{suite}-", dir=base.parent) as draft:
                _build(suite, source_list, Path(draft) / "root")
                # Complete or not there at all: a build that is killed before this line is no base.
                (Path(draft) / "root").rename(base)
            remove_unused(base, suite, in_use())
    return base


def remove_unused(newest: Path, kind: str, in_use: Collection[str]) -> None:
    """Delete file systems of the same kind that no host stands on and that are not of today."""
    for other in newest.parent.glob(f"{kind}-*"):
        if other != newest and str(other) not in in_use and _age(other) > UNUSED_SECONDS:
            remove_tree(other)


def lists_are_fresh(root: Path) -> bool:
    """Whether the package lists of a host are young enough to install from."""
    return _age(root / "var/lib/apt/lists") < LISTS_FRESH_SECONDS


def mount(host: Path, lower: str) -> Path:
    """Put a writable layer on top of others (uppermost first, a colon between them); returns the root."""
    root = host / "root"
    for part in lower.split(":"):
        if not Path(part).is_dir():
            raise HostsError(
                "mount",
                "disk of host",
                host.name,
                f"the file system {part} is gone",
                "Remove the host and create it again",
            )
    for part in ("upper", "work", "root"):
        (host / part).mkdir(parents=True, exist_ok=True)
    unmount(host)
    # Volatile: nothing in a host waits for the disk, and to remove a host does not flush the machine's disk.
    # The kernel marks the layer until a clean unmount: a power cut would hurt, a kill does not.
    shutil.rmtree(host / "work/work/incompat", ignore_errors=True)
    options = f"lowerdir={lower},upperdir={host}/upper,workdir={host}/work,volatile"
    mounting = ["mount", "-t", "overlay", "overlay", "-o", options, str(root)]
    run(mounting, purpose=("mount", "disk of host", host.name))
    return root


def unmount(host: Path) -> None:
    """Unmount the host's root file system; the writable layer stays."""
    while succeeds(["umount", "--recursive", str(host / "root")]):
        pass


def furnish(root: Path, name: str, key: Path, host_key: Path) -> None:
    """Write the identity of a new host: name, machine id, keys."""
    put(root / "etc/hostname", f"{name}\n")
    put(root / "etc/machine-id", f"{uuid.uuid4().hex}\n")
    put(root / "root/.ssh/authorized_keys", key.with_suffix(".pub").read_text(), 0o600)
    put(root / "etc/ssh/ssh_host_ed25519_key", host_key.read_text(), 0o600)
    put(root / "etc/ssh/ssh_host_ed25519_key.pub", host_key.with_suffix(".pub").read_text())


def refresh(root: Path) -> None:
    """What follows the machine at every start: its name servers and its kernel."""
    target = root / "etc/resolv.conf"
    target.unlink(missing_ok=True)
    target.write_text(resolv_conf().read_text())
    kernel.describe_built_in(root)


def resolv_conf() -> Path:
    """The machine's real name servers: a stub on loopback is of no use in a host."""
    plain = Path("/etc/resolv.conf")
    behind_stub = Path("/run/systemd/resolve/resolv.conf")
    stub = any(
        line.split()[:1] == ["nameserver"] and line.split()[1].startswith("127.")
        for line in plain.read_text().splitlines()
        if line.strip()
    )
    return behind_stub if stub and behind_stub.exists() else plain


def remove_tree(directory: Path) -> None:
    """Delete a directory of ours, but never reach into something that is still mounted below it."""
    mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()]
    inside = [point for point in mounted if Path(point).is_relative_to(directory)]
    if inside:
        raise HostsError(
            "remove",
            "directory",
            str(directory),
            f"{inside[0]} is still mounted",
            f"Find out who uses it (fuser -m {inside[0]}), then unmount it",
        )
    if directory.exists():
        shutil.rmtree(directory)


def _build(suite: str, source_list: str, root: Path) -> None:
    """Bootstrap a base with mmdebstrap, then make it a machine that waits to be named."""
    argv = [
        "mmdebstrap",
        "--mode=root",
        "--variant=minbase",
        f"--include={','.join(PACKAGES)}",
        "--skip=cleanup/apt/lists",
        *(f"--dpkgopt={option}" for option in DPKG_OPTIONS),
        *(f"--aptopt={option}" for option in APT_OPTIONS),
        suite,
        str(root),
        "-",
    ]
    run(
        argv,
        stdin=source_list,
        purpose=("build", "base file system", suite),
        env={**os.environ, "TMPDIR": str(root.parent)},
    )
    for path, text in {**FILES, **authorities()}.items():
        put(root / path, text)
    run(["chroot", str(root), "update-ca-certificates"], purpose=("build", "base file system", suite))
    for unit in MASKED_UNITS:
        (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    for key in (root / "etc/ssh").glob("ssh_host_*"):
        key.unlink()
    # Logs on disk, as on a machine: they outlive a crash.
    (root / "var/log/journal").mkdir(exist_ok=True)


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime


def put(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file into a root file system, in place of whatever has its name."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700 if path.parent.name == ".ssh" else 0o755)
    path.unlink(missing_ok=True)
    path.touch(mode)
    path.write_text(text)
