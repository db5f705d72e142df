"""Labs: what belongs to one, created, found again after anything, and removed without a trace."""

import json
import socket
import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from . import cache, container, inventory, layer, machine, network, paths, plan, rootfs
from .command import run, succeeds
from .errors import HostsError

BOOT_DEADLINE = 120.0
LIST = "`tools/hosts list` shows what is there"
LOCALHOST = "127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n"


@dataclass(frozen=True)
class Host:
    """What a lab remembers of a host; base is what its disk stands on, as in lowerdir of an overlay.

    snapshots are further layers on top of base, the newest first.
    """

    name: str
    suite: str
    address: str
    base: str
    snapshots: tuple[str, ...] = ()


@dataclass(frozen=True)
class Record:
    """What the machine remembers of a lab."""

    lab: plan.Lab
    hosts: dict[str, Host]

    @property
    def addresses(self) -> dict[str, str]:
        """Name to address of all hosts."""
        return {host.name: host.address for host in self.hosts.values()}

    def save(self) -> None:
        """Write the record down."""
        document = {"octet": self.lab.octet, "hosts": [asdict(host) for host in self.hosts.values()]}
        paths.write(paths.lab(self.lab.name) / "lab.json", json.dumps(document, indent=2) + "\n")


def names() -> list[str]:
    """All labs that left a directory."""
    return sorted(entry.parent.name for entry in paths.state().glob("[!.]*/lab.json"))


def load(name: str) -> Record | None:
    """The record of a lab, if there is one."""
    record = paths.lab(name) / "lab.json"
    if not record.exists():
        return None
    document = json.loads(record.read_text())
    hosts = [Host(**{**host, "snapshots": tuple(host.get("snapshots", ()))}) for host in document["hosts"]]
    return Record(plan.Lab(name, document["octet"]), {host.name: host for host in hosts})


def existing(name: str) -> Record:
    """The record of a lab that must be there."""
    record = load(name)
    if record is None:
        raise HostsError("find", "lab", name, "no check has this name", LIST)
    return record


def up(name: str, suites: dict[str, str], report: Callable[[str], None], *, baked: bool = False) -> None:
    """Create and start hosts (name to suite) of a lab; leave alone what runs.

    Hosts that are created have the packages of their group installed if baked, else they are bare.
    """
    plan.check_name("lab", name)
    for host in suites:
        plan.check_name("host", host)
    # What a host stands on: its suite, and the group whose packages are baked in.
    kinds = {host: (suite, _baked_group(host) if baked else "") for host, suite in suites.items()}
    machine.require_root()
    with machine.lock("machine", shared=True):
        with machine.lock("prepare"):
            machine.prepare()
        cache.ensure()
        bases = {kind: file_systems(*kind) for kind in sorted(set(kinds.values()))}
        with machine.lock(f"lab-{name}"):
            record = _claim(name)
            _make_key(paths.lab(name) / "id_ed25519", name)
            network.ensure_lab(record.lab)
            for host, suite in suites.items():
                _enter(record, host, suite, bases[kinds[host]])
            record.save()
            _write_known_hosts(record)
            _start(record, list(suites), report)
            _refresh_hosts_files(record)


def down(name: str, hosts: Iterable[str] = ()) -> None:
    """Remove hosts of a lab, or with no names the lab and all that it left, known or not."""
    machine.require_root()
    plan.check_name("lab", name)
    hosts = list(hosts)
    with machine.lock("machine", shared=True), machine.lock(f"lab-{name}"):
        record = load(name)
        if not hosts:
            _remove_lab(name)
            return
        for host in hosts:
            if record is None or host not in record.hosts:
                raise HostsError("remove", "host", host, f"lab {name} has none of this name", LIST)
            _remove_host(name, host)
            del record.hosts[host]
            record.save()
        if record:
            _write_known_hosts(record)
            _refresh_hosts_files(record)


def cut(name: str, hosts: Iterable[str]) -> None:
    """Take the power of hosts of a lab away; their disks stay."""
    machine.require_root()
    with machine.lock("machine", shared=True), machine.lock(f"lab-{name}"):
        for host in addresses(name, list(hosts)):
            container.kill(name, host)


def snapshot(name: str, report: Callable[[str], None]) -> None:
    """Keep the disks of all hosts of a lab as they are now: what is written from here on, restore takes away.

    The hosts go through a power cut. Snapshots stack; they go with the host.
    """

    def keep(host: Host) -> Host:
        directory = paths.host(name, host.name)
        kept = directory / "snapshots" / str(len(host.snapshots))
        kept.parent.mkdir(exist_ok=True)
        (directory / "upper").rename(kept)
        return replace(host, snapshots=(str(kept), *host.snapshots))

    _power_cycle(name, keep, report)


def restore(name: str, report: Callable[[str], None]) -> None:
    """Bring the disks of all hosts of a lab back to the last snapshot; the hosts go through a power cut."""

    def drop(host: Host) -> Host:
        if not host.snapshots:
            raise HostsError(
                "restore", "host", host.name, "it has no snapshot", "Make one with `tools/hosts snapshot`"
            )
        rootfs.remove_tree(paths.host(name, host.name) / "upper")
        return host

    _power_cycle(name, drop, report)


def _power_cycle(name: str, change: Callable[[Host], Host], report: Callable[[str], None]) -> None:
    """Cut the power of all hosts of a lab, change what their disks are made of, and boot them again."""
    machine.require_root()
    with machine.lock("machine", shared=True), machine.lock(f"lab-{name}"):
        record = existing(name)
        for host in list(record.hosts.values()):
            container.kill(name, host.name)
            rootfs.unmount(paths.host(name, host.name))
            record.hosts[host.name] = change(host)
        record.save()
        _start(record, list(record.hosts), report)


def clean(with_caches: bool) -> None:
    """Remove all labs of anybody, the cache's daemon and our settings of the machine."""
    machine.require_root()
    with machine.lock("machine"):
        leftover = {entry.name for entry in paths.state().glob("[!.]*") if entry.is_dir()}
        for name in sorted(leftover):
            _remove_lab(name)
        container.kill()
        cache.stop()
        network.remove()
        machine.restore_sysctls()
        layer.clean()
        if with_caches:
            rootfs.remove_tree(paths.cache())
        rootfs.remove_tree(paths.state())


def addresses(name: str, hosts: Collection[str] = ()) -> dict[str, str]:
    """Name to address of these hosts of a lab, or with no names of all."""
    known = existing(name).addresses
    for host in hosts:
        if host not in known:
            raise HostsError("find", "host", host, f"lab {name} has none of this name", LIST)
    return {host: address for host, address in known.items() if not hosts or host in hosts}


def ssh_argv(name: str, host: str, command: Iterable[str]) -> list[str]:
    """The command line that reaches a host."""
    record = existing(name)
    if host not in record.hosts:
        raise HostsError("reach", "host", host, f"lab {name} has none of this name", LIST)
    return ["ssh", *inventory.ssh_options(paths.lab(name)), f"root@{record.hosts[host].address}", *command]


def _claim(name: str) -> Record:
    """The lab's record, with networks of its own that no other lab has."""
    with machine.lock("plan"):
        record = load(name)
        if record is None:
            taken = {other.lab.name: other.lab.octet for other in map(load, names()) if other}
            record = Record(plan.Lab(name, plan.choose_octet(name, taken)), {})
            record.save()
    return record


def _enter(record: Record, name: str, suite: str, base: str) -> None:
    """Give a host its place in the lab's record."""
    known = record.hosts.get(name)
    if known is None:
        address = plan.choose_address(record.lab, name, set(record.addresses.values()))
        record.hosts[name] = Host(name, suite, address, base)
    elif known.suite != suite:
        raise HostsError(
            "start",
            "host",
            name,
            f"it is there with {known.suite}, not {suite}",
            f"Remove it first with `tools/hosts down {record.lab.name} {name}`",
        )


def _baked_group(host: str) -> str:
    """The group whose packages a host gets."""
    group = inventory.group(host)
    if group not in layer.GROUPS:
        raise HostsError(
            "bake",
            "packages into host",
            host,
            "no group is known by its name",
            f"Call it {' or '.join(f'{name}N' for name in inventory.GROUPS)}, or leave out --baked",
        )
    return group


def file_systems(suite: str, group: str) -> str:
    """What hosts of a suite stand on, with the packages of a group or with none."""
    base = rootfs.ensure_base(suite, _bases_in_use)
    return f"{layer.ensure(base, group, _bases_in_use)}:{base}" if group else str(base)


def _bases_in_use() -> set[str]:
    """The file systems that hosts of any lab stand on."""
    hosts = [host for record in map(load, names()) if record for host in record.hosts.values()]
    return {part for host in hosts for part in host.base.split(":")}


def _start(record: Record, hosts: list[str], report: Callable[[str], None]) -> None:
    """Start hosts side by side; report each, then raise the first failure."""
    failure: HostsError | None = None
    with ThreadPoolExecutor(max_workers=len(hosts)) as workers:
        for result in [workers.submit(_bring_up, record, record.hosts[host]) for host in hosts]:
            try:
                report(result.result())
            except HostsError as error:
                failure = failure or error
    if failure:
        raise failure


def _bring_up(record: Record, host: Host) -> str:
    """Make and boot one host, unless it runs; returns a line about it."""
    lab, began = record.lab, time.monotonic()
    directory = paths.host(lab.name, host.name)
    if container.running(lab.name, host.name):
        _wait_for_ssh(lab.name, host)
        _release(lab.name, host)
        return f"{host.name} {host.address} {host.suite} running"
    fresh = not (directory / "complete").exists()
    # Whatever a killed run or a machine that lost its processes left over goes first; a complete disk stays.
    container.kill(lab.name, host.name)
    rootfs.unmount(directory)
    if fresh:
        rootfs.remove_tree(directory)
    root = rootfs.mount(directory, ":".join((*host.snapshots, host.base)))
    if fresh:
        rootfs.furnish(root, host.name, paths.lab(lab.name) / "id_ed25519", _host_key(lab.name, host.name))
        for part in _layers(host):
            layer.furnish(root, part)
            layer.hold_back(root, part)
        (directory / "complete").touch()
    rootfs.refresh(root)
    _refresh_hosts_file(root, record)
    container.start(lab, host.name, host.address, root)
    _wait_for_ssh(lab.name, host)
    _release(lab.name, host)
    if fresh and not rootfs.lists_are_fresh(root):
        update = ssh_argv(lab.name, host.name, ["apt-get", "-q", "update"])
        run(update, purpose=("update", "package lists of", host.name))
    verb = "created" if fresh else "booted again"
    return f"{host.name} {host.address} {host.suite} {verb} in {time.monotonic() - began:.1f} s"


def _layers(host: Host) -> list[Path]:
    """What a host stands on in addition to its base."""
    return [Path(part) for part in host.base.split(":")[:-1]]


def _release(lab: str, host: Host) -> None:
    """Allow a host to start its services from now on, as after an installation that held them back."""
    released = [layer.release(paths.host(lab, host.name) / "root", part) for part in _layers(host)]
    if any(released):
        reload = ssh_argv(lab, host.name, ["systemctl", "daemon-reload"])
        run(reload, purpose=("release", "services of host", host.name))


def _wait_for_ssh(lab: str, host: Host) -> None:
    """Return when a command over SSH works; fail as soon as that has become impossible."""
    deadline = time.monotonic() + BOOT_DEADLINE
    probe = ssh_argv(lab, host.name, ["true"])
    while True:
        try:
            with socket.create_connection((host.address, 22), timeout=2) as connection:
                greeting = connection.recv(4)
        except OSError:
            greeting = b""
        if greeting and succeeds(probe):
            return
        cause = None
        if not container.running(lab, host.name):
            cause = "its container ended"
        elif time.monotonic() > deadline:
            cause = f"SSH does not answer within {BOOT_DEADLINE:.0f} s"
        if cause:
            raise HostsError(
                "start",
                "host",
                host.name,
                f"{cause}: {container.last_words(lab, host.name)}",
                f"See {paths.host(lab, host.name)}/console.log",
            )
        time.sleep(0.1)


def _remove_host(lab: str, host: str) -> None:
    """Remove one host, whatever state it is in."""
    container.kill(lab, host)
    (paths.host(lab, host) / "pid").unlink(missing_ok=True)
    network.disconnect_host(lab, host)
    rootfs.unmount(paths.host(lab, host))
    rootfs.remove_tree(paths.host(lab, host))
    (paths.lab(lab) / "host-keys" / host).unlink(missing_ok=True)
    (paths.lab(lab) / "host-keys" / f"{host}.pub").unlink(missing_ok=True)


def _remove_lab(name: str) -> None:
    """Remove a lab by what is really there, not by what was written down."""
    container.kill(name)
    for directory in (paths.lab(name) / "hosts").glob("*"):
        _remove_host(name, directory.name)
    network.remove(name)
    rootfs.remove_tree(paths.lab(name))


def _make_key(path: Path, comment: str) -> None:
    """An ed25519 key pair, unless there is a whole one."""
    if not path.with_suffix(".pub").exists():
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(path)],
            purpose=("make", "key", str(path)),
        )


def _host_key(lab: str, host: str) -> Path:
    """The identity of a host, made by us, so that it is known before the first connection."""
    key = paths.lab(lab) / "host-keys" / host
    _make_key(key, host)
    return key


def _write_known_hosts(record: Record) -> None:
    """The lab's known hosts, by name and address."""
    lines = []
    for host in record.hosts.values():
        public = _host_key(record.lab.name, host.name).with_suffix(".pub").read_text()
        lines.append(f"{host.name},{host.address} {' '.join(public.split()[:2])}\n")
    paths.write(paths.lab(record.lab.name) / "known_hosts", "".join(lines))


def _refresh_hosts_files(record: Record) -> None:
    """Write the names of all hosts of the lab into every running one."""
    for host in record.hosts.values():
        if container.running(record.lab.name, host.name):
            _refresh_hosts_file(paths.host(record.lab.name, host.name) / "root", record)


def _refresh_hosts_file(root: Path, record: Record) -> None:
    target = root / "etc/hosts"
    text = target.read_text() if target.exists() else LOCALHOST
    merged = inventory.merge_hosts_file(text, record.addresses)
    if merged != text or not target.exists():
        paths.write(target, merged)
