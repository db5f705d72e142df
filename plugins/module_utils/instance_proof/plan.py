# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a proof, and what a person would type to prove the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

from ..engine.errors import CollectionError
from ..engine.plan import Plan, Step
from ..engine.proof import SKIPPED, Part
from .parameters import Desired, ImageFiles
from .prover import Prover
from .resources import KINDS, Resource
from .state import State


def plan(desired: Desired, current: State) -> Plan[Prover]:
    """Remove the leftovers of earlier proofs, prove, and clean up, which is the last step.

    A proof ends where it began, so nothing but the removal of leftovers counts as a change.
    """
    leftovers = [f"{leftover.kind} {leftover.name}" for leftover in current.leftovers]
    return Plan(
        steps=tuple(_steps(desired, current)),
        before={"leftovers": leftovers} if leftovers else {},
        result={
            "proven": False,
            "instances": [],
            "parts": [
                Part("instance", SKIPPED, "check mode boots nothing", subject=host).as_dict()
                for host in desired.server_names
            ],
        },
        unmet=tuple(map(_missing_file, current.missing_files)),
    )


def _steps(desired: Desired, current: State) -> Iterable[Step[Prover]]:
    if current.leftovers:
        yield _remove_leftovers(current.leftovers)
    if desired.files:
        yield _make_image(desired, desired.files)
    yield _make_network(desired, current.image, current.external_network)
    yield _make_flavor(desired)
    yield _boot(desired, current.image)
    yield _observe(desired)
    yield _clean_up(desired)


def _remove_leftovers(leftovers: Sequence[Resource]) -> Step[Prover]:
    commands = _removal((leftover.kind, leftover.name) for leftover in leftovers)
    return _step(commands, lambda prover: prover.remove_leftovers(leftovers), changes=True)


def _make_image(desired: Desired, files: ImageFiles) -> Step[Prover]:
    names = desired.image_names
    pointers = {
        "kernel_id": f"<id of {names['kernel']}>",
        "ramdisk_id": f"<id of {names['initramfs']}>",
        "os_command_line": files.command_line,
    }
    commands = [
        _image_command(names["kernel"], files.kernel, "aki", "aki"),
        _image_command(names["initramfs"], files.initramfs, "ari", "ari"),
        _image_command(names["disk"], files.disk, "qcow2", "bare", pointers),
    ]
    return _step(commands, lambda prover: prover.make_image(files))


def _make_network(
    desired: Desired, image: Mapping[str, Any] | None, external: Mapping[str, Any] | None
) -> Step[Prover]:
    name = desired.name
    gateway = [_openstack("router set", f"--external-gateway={external['name']}", name)] if external else []
    commands = [
        _openstack("security group create", name),
        _openstack("network create", name),
        _openstack("subnet create", f"--network={name}", f"--subnet-range={desired.subnet}", name),
        _openstack("router create", name),
        *gateway,
        _openstack("router add subnet", name, name),
    ]

    def make(prover: Prover) -> None:
        if image:
            # It takes no command to use what is there, so it is no step of its own.
            prover.use_image(image)
        prover.make_network(external)

    return _step(commands, make)


def _make_flavor(desired: Desired) -> Step[Prover]:
    command = _openstack(
        "flavor create",
        f"--ram={desired.memory}",
        f"--disk={desired.disk}",
        f"--vcpus={desired.vcpus}",
        "--private",
        desired.name,
    )
    return _step([command], lambda prover: prover.make_flavor())


def _boot(desired: Desired, image: Mapping[str, Any] | None) -> Step[Prover]:
    name = desired.name
    commands = [
        _openstack(
            "--os-compute-api-version=2.74 server create",
            *([f"--host={host}"] if host else []),
            f"--flavor={name}",
            f"--image={image['name'] if image else name}",
            f"--network={name}",
            f"--security-group={name}",
            server,
        )
        for host, server in desired.server_names.items()
    ]
    return _step(commands, lambda prover: prover.boot())


def _observe(desired: Desired) -> Step[Prover]:
    commands = [
        command
        for server in desired.server_names.values()
        for command in (
            f"openstack console log show {server}",
            *([f"openstack console url show --novnc {server}"] if desired.novnc else []),
        )
    ]
    return _step(commands, lambda prover: prover.observe())


def _clean_up(desired: Desired) -> Step[Prover]:
    return _step(_removal(_made(desired)), lambda prover: prover.clean_up())


def _step(commands: Sequence[str], call: Callable[[Prover], None], *, changes: bool = False) -> Step[Prover]:
    first, *further = commands
    return Step(first, call, changes=changes, further_commands=tuple(further))


def _missing_file(path: str) -> CollectionError:
    return CollectionError(
        "read",
        "guest file",
        path,
        "there is no such file on this host",
        "Put the guest's kernel, initramfs and disk there, or name an image that the cloud has",
        code="not_found",
    )


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


def _made(desired: Desired) -> list[tuple[str, str]]:
    """Kind and name of all that the proof makes, in the order of deletion."""
    servers = [("server", server) for server in desired.server_names.values()]
    images = [("image", image) for image in desired.image_names.values()] if desired.files else []
    shared = [(kind, desired.name) for kind in ("router", "network", "security_group", "flavor")]
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
