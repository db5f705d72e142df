# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What instance_proof wants and finds, and the plan that follows from it."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..engine.plan import Plan, Step
from .part import SKIPPED, Part
from .resources import KINDS, Resource


@dataclass(frozen=True)
class ImageFiles:
    """A guest as files on this host: a kernel and an initramfs that a disk image points at."""

    kernel: str
    initramfs: str
    disk: str
    command_line: str = "console=ttyS0"


@dataclass(frozen=True)
class Desired:
    """One proof.

    ``hosts``: one instance on each; empty: one, wherever the scheduler puts it. ``image`` (name or id) is
    used instead of ``files``. ``console`` maps a part's name to the line that the guest must print, with the
    placeholders of console.expected(). ``memory`` is in MB, ``disk`` in GB, the timeouts in seconds.
    ``external_network``: None uses the first there is, "" none.
    """

    name: str
    hosts: tuple[str, ...] = ()
    files: ImageFiles | None = None
    image: str | None = None
    memory: int = 128
    disk: int = 1
    vcpus: int = 1
    subnet: str = "192.168.222.0/24"
    external_network: str | None = None
    console: Mapping[str, str] = field(default_factory=dict)
    console_error: str = ""
    novnc: bool = True
    keep_failed: bool = False
    timeout: float = 300.0


@dataclass(frozen=True)
class Current:
    """The cloud before the proof: what earlier ones left, and what this one builds on."""

    leftovers: tuple[Resource, ...] = ()
    image: Mapping[str, Any] | None = None
    external_network: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class ProofPlan(Plan):
    """The plan, with the state that it starts from."""

    current: Current = Current()


def plan_proof(desired: Desired, current: Current) -> ProofPlan:
    """What a person would type to prove the same.

    A proof ends where it began, so nothing but the removal of leftovers counts as a change.
    """
    servers = server_names(desired)
    making = (
        _image_commands(desired) + _network_commands(desired, current) + _server_commands(desired, current)
    )
    looking = [
        command
        for server in servers.values()
        for command in (
            f"openstack console log show {server}",
            *([f"openstack console url show --novnc {server}"] if desired.novnc else []),
        )
    ]
    leftovers = [f"{leftover.kind} {leftover.name}" for leftover in current.leftovers]
    commands = [
        *_removal((leftover.kind, leftover.name) for leftover in current.leftovers),
        *making,
        *looking,
        *_removal(_made(desired)),
    ]
    return ProofPlan(
        steps=tuple(Step(command) for command in commands),
        before={"leftovers": leftovers} if leftovers else {},
        result={
            "changed": bool(current.leftovers),
            "proven": False,
            "instances": [],
            "parts": [
                Part("instance", SKIPPED, "check mode boots nothing", subject=host).as_dict()
                for host in servers
            ],
        },
        current=current,
    )


def server_names(desired: Desired) -> dict[str, str]:
    """The name of the instance for each host ("" where the scheduler chooses)."""
    return {host: f"{desired.name}-{host}" for host in desired.hosts} or {"": desired.name}


def image_names(desired: Desired) -> dict[str, str]:
    """The names of the three images that the files become."""
    return {part: f"{desired.name}-{part}" for part in ("kernel", "initramfs")} | {"disk": desired.name}


def _image_commands(desired: Desired) -> list[str]:
    if not desired.files:
        return []
    names, files = image_names(desired), desired.files
    pointers = {
        "kernel_id": f"<id of {names['kernel']}>",
        "ramdisk_id": f"<id of {names['initramfs']}>",
        "os_command_line": files.command_line,
    }
    return [
        _image_command(names["kernel"], files.kernel, "aki", "aki"),
        _image_command(names["initramfs"], files.initramfs, "ari", "ari"),
        _image_command(names["disk"], files.disk, "qcow2", "bare", pointers),
    ]


def _image_command(
    name: str,
    path: str,
    disk_format: str,
    container_format: str,
    properties: Mapping[str, str] | None = None,
) -> str:
    return _openstack(
        "image create",
        f"--file={path}",
        f"--disk-format={disk_format}",
        f"--container-format={container_format}",
        *(f"--property={key}={value}" for key, value in (properties or {}).items()),
        name,
    )


def _network_commands(desired: Desired, current: Current) -> list[str]:
    name = desired.name
    external = current.external_network
    gateway = [_openstack("router set", f"--external-gateway={external['name']}", name)] if external else []
    return [
        _openstack("security group create", name),
        _openstack("network create", name),
        _openstack("subnet create", f"--network={name}", f"--subnet-range={desired.subnet}", name),
        _openstack("router create", name),
        *gateway,
        _openstack("router add subnet", name, name),
    ]


def _server_commands(desired: Desired, current: Current) -> list[str]:
    name = desired.name
    image = current.image["name"] if current.image else name
    flavor = _openstack(
        "flavor create",
        f"--ram={desired.memory}",
        f"--disk={desired.disk}",
        f"--vcpus={desired.vcpus}",
        "--private",
        name,
    )
    return [flavor] + [
        _openstack(
            "--os-compute-api-version=2.74 server create",
            *([f"--host={host}"] if host else []),
            f"--flavor={name}",
            f"--image={image}",
            f"--network={name}",
            f"--security-group={name}",
            server,
        )
        for host, server in server_names(desired).items()
    ]


def _made(desired: Desired) -> list[tuple[str, str]]:
    """Kind and name of all that the proof makes, in the order of deletion."""
    name = desired.name
    servers = [("server", server) for server in server_names(desired).values()]
    images = [("image", image) for image in image_names(desired).values()] if desired.files else []
    shared = [(kind, name) for kind in ("router", "network", "security_group", "flavor")]
    return [*servers, *shared, *images]


def _removal(resources: Iterable[tuple[str, str]]) -> list[str]:
    commands = []
    for kind, name in resources:
        if kind == "router":
            commands.append(_openstack("subnet set", "--no-dhcp", name))
            commands.append(_openstack("router remove subnet", name, name))
        wait = ["--wait"] if kind == "server" else []
        commands.append(_openstack(f"{KINDS[kind].command} delete", *wait, name))
    return commands


def _openstack(*words: str) -> str:
    verb, *rest = words
    return f"openstack {verb} {shlex.join(rest)}"
