"""A host's container: systemd-nspawn around the real init, in a control group and a separate network."""

import os
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from . import kernel, machine, network, paths, plan, process
from .command import run
from .errors import HostsError

DEVICES = ("net/tun", "kvm", "vhost-net", "fuse")
KILL_DEADLINE = 20.0
# The control group of the container itself, beside its keeper's: only leaves may hold processes.
MACHINE = "machine"
ENVIRONMENT = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    # libvirt cannot start guests in the legacy hierarchies.
    "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1",
    # Network settings of its own namespace are the host's own business, all others the machine's.
    "SYSTEMD_NSPAWN_API_VFS_WRITABLE": "network",
    "SYSTEMD_NSPAWN_TMPFS_TMP": "0",
}


def control_group(lab: str = "", host: str = "") -> Path:
    """The control group of a host, of a lab, or of all: the kernel's own list of our processes."""
    return machine.cgroup_root() / paths.TAG / lab / host


def running(lab: str, host: str) -> bool:
    """Whether the host's init is up, by the very process that was started."""
    return process.alive(paths.host(lab, host) / "pid") is not None


def start(lab: plan.Lab, host: str, address: str, root: Path) -> None:
    """Boot a host; returns at once."""
    directory, group = paths.host(lab.name, host), control_group(lab.name, host)
    (group / MACHINE).mkdir(parents=True, exist_ok=True)
    _delegate(group / MACHINE)
    argv = [sys.executable, "-m", f"{__package__}.keeper", lab.name, str(lab.octet), host, address, str(root)]
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONDONTWRITEBYTECODE": "1"}
    with (directory / "console.log").open("wb") as console:
        keeper = subprocess.Popen(
            inside(group / "keeper", argv),
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
            cwd="/",
        )
    process.remember(directory / "pid", keeper.pid)


def inside(group: Path, argv: Sequence[str]) -> list[str]:
    """A command line that joins a control group before it becomes the program: none ever runs outside."""
    group.mkdir(parents=True, exist_ok=True)
    return ["/bin/sh", "-c", 'echo $$ >"$0" && exec "$@"', str(group / "cgroup.procs"), *argv]


def boot_command(lab: str, host: str, root: Path) -> list[str]:
    """The command line of a host's container."""
    devices = _device_nodes(paths.host(lab, host) / "dev")
    return [
        "systemd-nspawn",
        "--quiet",
        "--boot",
        "--register=no",
        "--keep-unit",
        "--settings=no",
        f"--directory={root}",
        f"--machine={paths.TAG}-{lab}-{host}",
        f"--hostname={host}",
        f"--network-namespace-path=/run/netns/{network.namespace(lab, host)}",
        "--capability=all",
        "--drop-capability=CAP_SYS_TIME",
        "--private-users=no",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        "--console=read-only",
        *(f"--bind={node}:{device}" for node, device in devices),
        *_kernel_modules(),
    ]


def run_in(root: Path, lab: str, host: str, argv: Sequence[str], *, purpose: tuple[str, str, str]) -> None:
    """Run one program in a file system without booting it, in the network of this machine."""
    nspawn = [
        "systemd-nspawn",
        "--quiet",
        "--pipe",
        "--register=no",
        "--keep-unit",
        "--settings=no",
        f"--directory={root}",
        f"--machine={paths.TAG}-{host}",
        "--private-users=no",
        "--resolv-conf=off",
        "--timezone=off",
        "--link-journal=no",
        *argv,
    ]
    run(inside(control_group(lab, host), nspawn), env=ENVIRONMENT, purpose=purpose)


def kill(lab: str = "", host: str = "") -> None:
    """End all processes of a host, of a lab or of all labs at once: a clean shutdown can take minutes."""
    group = control_group(lab, host)
    if not group.exists():
        return
    (group / "cgroup.kill").write_text("1")
    deadline = time.monotonic() + KILL_DEADLINE
    while "populated 1" in (group / "cgroup.events").read_text():
        if time.monotonic() > deadline:
            raise HostsError(
                "stop",
                "host" if host else "lab",
                host or lab or "(all)",
                f"its processes do not end, see {group}/cgroup.procs",
                "Try again",
            )
        time.sleep(0.02)
    for directory, _folders, _files in os.walk(group, topdown=False):
        Path(directory).rmdir()


def last_words(lab: str, host: str) -> str:
    """The end of the host's console, for an error message."""
    console = paths.host(lab, host) / "console.log"
    lines = console.read_text(errors="replace").split("\n") if console.exists() else []
    return " / ".join(line.strip() for line in lines[-6:] if line.strip()) or "nothing on its console"


def _delegate(group: Path) -> None:
    """Delegate every resource controller of the unified hierarchy to the host."""
    root = machine.cgroup_root()
    for parent in reversed(group.relative_to(root).parents):
        for controller in (root / parent / "cgroup.controllers").read_text().split():
            # A controller may be busy elsewhere: hosts do without it.
            with suppress(OSError):
                (root / parent / "cgroup.subtree_control").write_text(f"+{controller}")


def _device_nodes(directory: Path) -> list[tuple[Path, str]]:
    """Nodes of the host's own for the machine's devices: a host may change their owner, not the machine's."""
    nodes = []
    directory.mkdir(exist_ok=True)
    for name in DEVICES:
        device, node = Path("/dev") / name, directory / name.replace("/", "-")
        node.unlink(missing_ok=True)
        if device.exists() and stat.S_ISCHR(device.stat().st_mode):
            os.mknod(node, 0o666 | stat.S_IFCHR, device.stat().st_rdev)
            nodes.append((node, str(device)))
    return nodes


def _kernel_modules() -> list[str]:
    """The machine's kernel modules, for a host to load; a kernel without modules has no such directory."""
    directory = kernel.module_directory()
    return [f"--bind-ro={directory}"] if directory.is_dir() else []
