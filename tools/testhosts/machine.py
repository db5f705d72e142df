"""This machine: may we, can the kernel, are the tools there; and the settings that hosts need of it."""

import fcntl
import json
import os
import platform
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from . import kernel, paths, sources
from .command import run, succeeds
from .errors import HostsError

PROGRAMS = {
    "apt-cacher-ng": "apt-cacher-ng",
    "ip": "iproute2",
    "iptables": "iptables",
    "mmdebstrap": "mmdebstrap",
    "modprobe": "kmod",
    "mount": "mount",
    "ping": "iputils-ping",
    "ssh": "openssh-client",
    "ssh-keygen": "openssh-client",
    "systemd-nspawn": "systemd-container",
}
# forwarding for the hosts' way out; inotify because every systemd takes a few of the few instances of root.
SYSCTLS = {"net/ipv4/ip_forward": 1, "fs/inotify/max_user_instances": 1024}
FEATURES = {
    "bridge": "ip link add probe0 type bridge",
    "veth": "ip link add probe0 type veth peer name probe1",
    "vxlan": "ip link add probe0 type vxlan id 1 dstport 4789",
    "tun": "ip tuntap add probe0 mode tap",
    "masquerading": "iptables -w -t nat -A POSTROUTING -j MASQUERADE",
    "overlay": "d=$(mktemp -d) && mount -t tmpfs none $d && mkdir $d/l $d/u $d/w $d/m"
    " && mount -t overlay none -o lowerdir=$d/l,upperdir=$d/u,workdir=$d/w $d/m && umount -l $d && rmdir $d",
}


def require_root() -> None:
    """Containers, mounts and bridges are root's business."""
    if os.geteuid() != 0:
        raise HostsError("manage", "test", "hosts", "this needs root", "Run it with sudo")


def prepare() -> None:
    """Make this machine able to run hosts: programs, kernel, settings."""
    if not shutil.which("apt-get"):
        raise HostsError(
            "manage",
            "test",
            "hosts",
            "this machine is not a Debian (there is no apt-get)",
            "Use a Debian 12 or later machine",
        )
    install_missing(PROGRAMS)
    kernel.load_modules()
    probe()
    _set_sysctls()


def install_missing(programs: Mapping[str, str]) -> None:
    """Install the packages of those programs (or files, by their paths) that are not there."""
    install(
        package
        for program, package in programs.items()
        if not (shutil.which(program) or Path(program).exists())
    )


def install(packages: Iterable[str]) -> None:
    """Install packages with apt; services stay off."""
    missing = sorted(set(packages))
    if not missing:
        return
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    purpose = ("install", "packages", ", ".join(missing))
    apt = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=600"]
    with _services_held_back():
        if not succeeds([*apt, "install", "-y", "--no-install-recommends", "--simulate", *missing]):
            run([*apt, "update"], purpose=purpose, env=env)
        run([*apt, "install", "-y", "--no-install-recommends", *missing], purpose=purpose, env=env)


def probe() -> None:
    """Try every kernel feature for real, in namespaces that vanish with the attempt."""
    for feature, attempt in FEATURES.items():
        if not succeeds(["unshare", "--net", "--mount", "sh", "-c", attempt]):
            raise HostsError(
                "prepare",
                "test",
                "hosts",
                f"the kernel {platform.release()} has no {feature}",
                f"Load or build in the kernel's support for {feature}",
            )
    cgroup_root()


def cgroup_root() -> Path:
    """Where the unified control group hierarchy is mounted."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        left, _dash, right = line.partition(" - ")
        if right.split()[0] == "cgroup2":
            return Path(left.split()[4])
    raise HostsError(
        "prepare",
        "test",
        "hosts",
        "no unified control group hierarchy (cgroup2) is mounted",
        "Mount one: mount -t cgroup2 none /sys/fs/cgroup/unified",
    )


def codename() -> str:
    """This machine's Debian release, by name."""
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


def debian_sources() -> list[sources.Source]:
    """Debian's archive as this machine's apt knows it."""
    query = ["apt-get", "indextargets", "--format", sources.INDEX_FORMAT, "Created-By: Packages"]
    purpose = ("read", "package sources of", "this machine")
    if "|Debian|" not in run(query, purpose=purpose):
        # Origin is only known for repositories whose lists are there.
        run(["apt-get", "-q", "update"], purpose=purpose)
    return sources.debian_sources(run(query, purpose=purpose), codename())


@contextmanager
def lock(name: str, *, shared: bool = False) -> Iterator[None]:
    """One at a time on this machine, or many if shared; the kernel lets go when the holder dies."""
    path = paths.state() / ".locks" / name
    while True:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
            # `clean` may have deleted the file while we waited: then it locks nothing.
            if path.exists() and path.stat().st_ino == os.fstat(held.fileno()).st_ino:
                yield
                return


def _set_sysctls() -> None:
    """Raise what is too low, and remember what it was."""
    record = paths.state() / ".sysctls.json"
    before = json.loads(record.read_text()) if record.exists() else {}
    for key, minimum in SYSCTLS.items():
        setting = Path("/proc/sys") / key
        current = int(setting.read_text())
        if current < minimum:
            before.setdefault(key, current)
            paths.write(record, json.dumps(before))
            setting.write_text(str(minimum))


def restore_sysctls() -> None:
    """Restore what the tool changed."""
    record = paths.state() / ".sysctls.json"
    if record.exists():
        for key, value in json.loads(record.read_text()).items():
            (Path("/proc/sys") / key).write_text(str(value))
        record.unlink()


@contextmanager
def _services_held_back() -> Iterator[None]:
    """Debian's own switch for "do not start services", unless the machine has set it already."""
    policy = Path("/usr/sbin/policy-rc.d")
    if policy.exists():
        yield
        return
    paths.write(policy, "#!/bin/sh\nexit 101\n", 0o755)
    try:
        yield
    finally:
        policy.unlink(missing_ok=True)
