# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which bridges, ports and settings to change: a pure decision over the database of Open vSwitch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .._clients.ovsdb import joined
from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .client import MARK, VirtualSwitch
from .parameters import Desired, DesiredBridge
from .state import Link, State

# Settings that the switch reads only when it starts.
_READ_AT_START = ("userspace-tso-enable", "dpdk-")
_OURS = "external_ids:{}={}".format(*MARK)


def plan(desired: Desired, current: State) -> Plan[VirtualSwitch]:
    """Change what differs in one transaction, and have Open vSwitch run.

    What the switch reads only at its start is written while it does not run: a run that is cut in between leaves none
    that works with something else than the database says. Raises CollectionError for an interface that cannot be
    taken into a bridge without cutting something off.
    """
    commands = [*_removals(desired, current), *_settings(desired, current)]
    for bridge in desired.bridges:
        commands += _additions(bridge, current)
    restarts = current.runs and any(
        key.startswith(_READ_AT_START) for _name, key, _text in _changed_settings(desired, current)
    )
    return Plan(
        stages=in_order(_steps(desired, current, commands, restarts)),
        before=_described(desired, current),
        after=_goal(desired),
        result={
            "bridges": {
                bridge.name: {"datapath": bridge.datapath, "ports": sorted(bridge.ports)}
                for bridge in desired.bridges
            },
            "restarted": restarts,
        },
        unmet=tuple(_missing(desired, current)),
    )


def _steps(
    desired: Desired, current: State, commands: Sequence[Sequence[str]], restarts: bool
) -> Iterator[Step[VirtualSwitch]]:
    services = desired.services
    if not current.serves:
        yield _systemctl("start", services.database)
    if restarts:
        yield _systemctl("stop", services.switch)
    runs = current.runs and not restarts
    if commands:
        # What does not run cannot be waited for.
        words = ["ovs-vsctl", *([] if runs else ["--no-wait"]), *joined(commands)]
        yield Step[VirtualSwitch](" ".join(words), lambda switch: switch.change(commands, wait=runs))
    if not runs:
        yield _systemctl("start", services.switch, services.all)


def _systemctl(verb: str, *names: str) -> Step[VirtualSwitch]:
    return Step[VirtualSwitch](
        " ".join(["systemctl", verb, *names]), lambda switch: switch.systemctl(verb, names)
    )


def _removals(desired: Desired, current: State) -> Iterator[list[str]]:
    """What an earlier run has made and nobody asks for any more: two ways into one network are a loop."""
    names = {bridge.name for bridge in desired.bridges}
    for name, bridge in sorted(current.bridges.items()):
        if bridge.ours and name not in names:
            yield ["del-br", name]
            continue
        kept = {port for one in desired.bridges if one.name == name for port in one.ports}
        for port in sorted((bridge.ports & current.own_ports) - kept):
            yield ["del-port", name, port]


def _settings(desired: Desired, current: State) -> Iterator[list[str]]:
    for name, key, text in _changed_settings(desired, current):
        if text is None:
            yield ["remove", "Open_vSwitch", ".", name, key]
        else:
            yield ["set", "Open_vSwitch", ".", f"{name}:{key}={json.dumps(text)}"]
    if desired.managers is not None and desired.managers != current.managers:
        yield ["set-manager", *sorted(desired.managers)] if desired.managers else ["del-manager"]


def _changed_settings(desired: Desired, current: State) -> list[tuple[str, str, str | None]]:
    return [
        (name, key, text)
        for name, column in desired.settings.items()
        for key, text in column.items()
        if current.settings.get(name, {}).get(key) != text
    ]


def _additions(bridge: DesiredBridge, current: State) -> Iterator[list[str]]:
    present = current.bridges.get(bridge.name)
    if present is None:
        yield ["add-br", bridge.name]
        yield ["set", "Bridge", bridge.name, f"datapath_type={bridge.datapath}", _OURS]
    elif present.datapath != bridge.datapath:
        yield ["set", "Bridge", bridge.name, f"datapath_type={bridge.datapath}"]
    for port in bridge.ports:
        if present is None or port not in present.ports:
            _require_free(bridge.name, port, current)
            yield ["add-port", bridge.name, port]
            yield ["set", "Port", port, _OURS]


def _require_free(bridge: str, port: str, current: State) -> None:
    """Raise CollectionError for an interface that somebody else has, or that something passes over."""
    other = current.bridge_of(port)
    link = current.links.get(port, Link())
    if other and port not in current.own_ports:
        raise _refused(
            bridge, port, f"it is a port of {other}", f"Take it out there first (ovs-vsctl del-port {port})"
        )
    if link.master:
        raise _refused(
            bridge, port, f"it is in {link.master}", f"Take it out there first (ip link set {port} nomaster)"
        )
    if link.carries:
        raise _refused(
            bridge,
            port,
            f"it carries {' and '.join(link.carries)}, and what comes in by it would reach the host no more",
            "Name an interface that carries nothing, or take that elsewhere first",
        )


def _refused(bridge: str, port: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("put", "interface", f"{port} on bridge {bridge}", cause, remedy, code="in_use")


def _missing(desired: Desired, current: State) -> Iterator[CollectionError]:
    for bridge in desired.bridges:
        for port in bridge.ports:
            if port not in current.links:
                yield _refused(
                    bridge.name, port, "there is no such interface", "Correct the name, or make it first"
                )


def _goal(desired: Desired) -> dict[str, object]:
    return {
        "bridges": {
            bridge.name: {"datapath": bridge.datapath, "ports": sorted(bridge.ports)}
            for bridge in desired.bridges
        },
        **{
            name: {key: text for key, text in column.items() if text is not None}
            for name, column in desired.settings.items()
        },
        **({} if desired.managers is None else {"managers": sorted(desired.managers)}),
        "running": True,
    }


def _described(desired: Desired, current: State) -> dict[str, object]:
    """What is there of all that is asked for, or was once."""
    known = {*desired.ports, *current.own_ports}
    names = {bridge.name for bridge in desired.bridges}
    return {
        "bridges": {
            name: {"datapath": bridge.datapath, "ports": sorted(bridge.ports & known)}
            for name, bridge in current.bridges.items()
            if name in names or bridge.ours
        },
        **{
            name: {key: text for key, text in current.settings.get(name, {}).items() if key in column}
            for name, column in desired.settings.items()
        },
        **({} if desired.managers is None else {"managers": sorted(current.managers)}),
        "running": current.runs,
    }
