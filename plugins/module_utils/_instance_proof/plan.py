# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of a proof, and what a person would type to prove the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Callable

from .._clients.microversions import CHOSEN_HOST
from .._engine.errors import CollectionError
from .._engine.plan import Plan, Stage, Step
from .._engine.proof import SKIPPED, Part
from .client import Prover
from .moves import LIVE, PARTS, RESIZE
from .parameters import Desired, Flavor, ImageFiles
from .reach import FLOATING_IP
from .resources import IMAGE_FORMATS, KINDS, Resource
from .state import State

# Instances on a chosen host, and disks that are copied where they have to be: the client's own version has neither.
_COMPUTE_VERSION = f"--os-compute-api-version={CHOSEN_HOST.number}"


def plan(desired: Desired, current: State) -> Plan[Prover]:
    """Remove the leftovers of earlier proofs, prove, and clean up, which is the last step.

    A proof ends where it began, so nothing but the removal of leftovers counts as a change.
    """
    leftovers = [f"{leftover.kind} {leftover.name}" for leftover in current.leftovers]
    return Plan(
        stages=(
            Stage(tuple(_steps(desired, current))),
            Stage(
                (_clean_up(desired, _moves(desired, current), reached=_reaches(desired, current)),),
                always=True,
            ),
        ),
        before={"leftovers": leftovers} if leftovers else {},
        result={
            "proven": False,
            "instances": [],
            "parts": [part.as_dict() for part in _unproven(desired, current)],
        },
        unmet=tuple(map(_missing_file, current.missing_files)),
    )


def _unproven(desired: Desired, current: State) -> Iterable[Part]:
    """What check mode has to say of each part that instances are needed for."""
    cause = "check mode boots nothing"
    for host in desired.server_names:
        yield Part("instance", SKIPPED, cause, subject=host)
    if _reaches(desired, current):
        yield Part(FLOATING_IP, SKIPPED, cause)
    for move in _moves(desired, current):
        yield Part(PARTS[move], SKIPPED, cause)
    yield from _left_out(desired, current)


def _reaches(desired: Desired, current: State) -> bool:
    """Whether this cloud has a network from which an instance could be reached."""
    return bool(desired.floating_ip and current.external_network)


def _moves(desired: Desired, current: State) -> tuple[str, ...]:
    """The moves that this cloud has hosts for."""
    return desired.moves if len(_companions(desired, current)) > 1 else ()


def _companions(desired: Desired, current: State) -> tuple[str, ...]:
    """The hosts among which an instance can move: those that are in one cell with the first that gets one."""
    if not desired.hosts:
        return current.available
    own = desired.cells.get(desired.hosts[0])
    return tuple(host for host in current.available if desired.cells.get(host) == own)


def _left_out(desired: Desired, current: State) -> tuple[Part, ...]:
    """The parts that this cloud has no network, or no hosts, for."""
    if desired.floating_ip and not _reaches(desired, current):
        return (Part(FLOATING_IP, SKIPPED, "there is no external network"), *_unmoved(desired, current))
    return _unmoved(desired, current)


def _unmoved(desired: Desired, current: State) -> tuple[Part, ...]:
    if _moves(desired, current):
        return ()
    available = _companions(desired, current)
    number, names = ("only one", f": {available[0]}") if available else ("no", "")
    place = f" in the cell of {desired.hosts[0]}" if available != current.available else ""
    detail = f"{number} compute host is up and enabled{place}{names}"
    return tuple(Part(PARTS[move], SKIPPED, detail) for move in desired.moves)


def _steps(desired: Desired, current: State) -> Iterable[Step[Prover]]:
    moves = _moves(desired, current)
    if current.leftovers:
        yield _remove_leftovers(current.leftovers)
    if desired.files:
        yield _make_image(desired, desired.files)
    yield _make_network(desired, current.image, current.external_network)
    yield _make_flavor(desired)
    yield _boot(desired, current.image)
    yield _observe(desired, _left_out(desired, current))
    if desired.floating_ip and current.external_network:
        yield _reach(desired, current.external_network)
    yield from (_MOVES[move](desired) for move in moves)


def _remove_leftovers(leftovers: Sequence[Resource]) -> Step[Prover]:
    commands = _removal((leftover.kind, leftover.name) for leftover in leftovers)
    return _step(commands, lambda prover: prover.remove_leftovers(leftovers), changes=True)


def _make_image(desired: Desired, files: ImageFiles) -> Step[Prover]:
    names = desired.image_names
    pointers = files.pointers({kind: f"<id of {name}>" for kind, name in names.items()})
    commands = [
        _image_command(names[kind], path, *IMAGE_FORMATS[kind], pointers if kind == "disk" else {})
        for kind, path in files.paths.items()
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
            # It takes no command to use what is there, so it is not a separate step.
            prover.use_image(image)
        prover.make_network(external)

    return _step(commands, make)


def _make_flavor(desired: Desired) -> Step[Prover]:
    return _step([_flavor_command(desired.flavor)], lambda prover: prover.make_flavor())


def _boot(desired: Desired, image: Mapping[str, Any] | None) -> Step[Prover]:
    name = desired.name
    commands = [
        _openstack(
            f"{_COMPUTE_VERSION} server create",
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


def _observe(desired: Desired, left_out: Sequence[Part]) -> Step[Prover]:
    commands = [
        command
        for server in desired.server_names.values()
        for command in (
            f"openstack console log show {server}",
            *([f"openstack console url show --novnc {server}"] if desired.novnc else []),
        )
    ]

    def observe(prover: Prover) -> None:
        prover.observe()
        if left_out:
            # It takes no command to leave a move out, so it is not a separate step.
            prover.leave_out(left_out)

    return _step(commands, observe)


def _reach(desired: Desired, external: Mapping[str, Any]) -> Step[Prover]:
    server = _first_server(desired)
    commands = [
        _openstack("security group rule create", "--protocol=tcp", "--dst-port=80", desired.name),
        _openstack("floating ip create", f"--port=<id of the port of {server}>", external["name"]),
        f"curl 'http://{_address(server)}/'",
    ]
    return _step(commands, lambda prover: prover.reach(external))


def _address(server: str) -> str:
    return f"<floating IP of {server}>"


def _migrate_live(desired: Desired) -> Step[Prover]:
    server = _first_server(desired)
    commands = [
        _openstack(f"{_COMPUTE_VERSION} server migrate", "--live-migration", "--wait", server),
        _where(server),
    ]
    return _step(commands, lambda prover: prover.migrate_live())


def _resize(desired: Desired) -> Step[Prover]:
    server, flavor = _first_server(desired), desired.larger_flavor
    commands = [
        _flavor_command(flavor),
        _openstack("server resize", f"--flavor={flavor.name}", "--wait", server),
        _openstack("server resize confirm", server),
        _where(server),
        f"openstack console log show {server}",
    ]
    return _step(commands, lambda prover: prover.resize())


_MOVES: Mapping[str, Callable[[Desired], Step[Prover]]] = {LIVE: _migrate_live, RESIZE: _resize}


def _first_server(desired: Desired) -> str:
    """The instance that is reached and moves, if all instances boot as they should."""
    return next(iter(desired.server_names.values()))


def _where(server: str) -> str:
    """A move that is called complete may not have taken place: the host shows it."""
    return _openstack("server show", "--column=OS-EXT-SRV-ATTR:host", server)


def _clean_up(desired: Desired, moves: Sequence[str], *, reached: bool) -> Step[Prover]:
    return _step(_removal(_made(desired, moves, reached)), lambda prover: prover.clean_up())


def _step(commands: Sequence[str], call: Callable[[Prover], None], *, changes: bool = False) -> Step[Prover]:
    first, *further = commands
    return Step(first, call, changes=changes, further_commands=tuple(further))


def _missing_file(path: str) -> CollectionError:
    return CollectionError(
        "read",
        "guest file",
        path,
        "there is no such file on this host",
        "Put the guest's files there, or name an image that the cloud has",
        code="not_found",
    )


def _image_command(
    name: str,
    path: str,
    disk_format: str,
    container_format: str,
    properties: Mapping[str, str],
) -> str:
    return _openstack(
        "image create",
        f"--file={path}",
        f"--disk-format={disk_format}",
        f"--container-format={container_format}",
        *(f"--property={key}={value}" for key, value in properties.items()),
        name,
    )


def _flavor_command(flavor: Flavor) -> str:
    return _openstack(
        "flavor create",
        f"--ram={flavor.memory}",
        f"--disk={flavor.disk}",
        f"--vcpus={flavor.vcpus}",
        "--private",
        flavor.name,
    )


def _made(desired: Desired, moves: Sequence[str], reached: bool) -> list[tuple[str, str]]:
    """Kind and name of all that the proof makes, in the order of deletion."""
    servers = [("server", server) for server in desired.server_names.values()]
    shared = [(kind, desired.name) for kind in ("router", "network", "security_group", "flavor")]
    larger = [("flavor", desired.larger_flavor.name)] if RESIZE in moves else []
    images = [("image", image) for image in desired.image_names.values()]
    addresses = [("floating IP", _address(_first_server(desired)))] if reached else []
    return [*servers, *addresses, *shared, *larger, *images]


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
