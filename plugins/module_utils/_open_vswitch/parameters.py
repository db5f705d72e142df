# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``open_vswitch``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    "bridges": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "datapath": {"type": "str", "choices": ["system", "netdev"], "default": "system"},
            "ports": {"type": "list", "elements": "str", "default": []},
        },
    },
    "other_config": {"type": "dict", "default": {}},
    "external_ids": {"type": "dict", "default": {}},
    "managers": {"type": "list", "elements": "str"},
    "unit": {"type": "str", "default": "openvswitch-switch"},
    "switch_unit": {"type": "str", "default": "ovs-vswitchd"},
    "database_unit": {"type": "str", "default": "ovsdb-server"},
    "database_file": {"type": "path", "default": "/etc/openvswitch/conf.db"},
    "database_socket": {"type": "path", "default": "/run/openvswitch/db.sock"},
    "timeout": {"type": "float", "default": 60},
}

# What the kernel takes for the name of a device, and ovs-vsctl for neither an option nor a pattern.
_DEVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,14}")
_TARGET = re.compile(r"[a-z]+:\S+")
_KEY = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class DesiredBridge:
    """A bridge with the datapath that forwards for it, and the interfaces that are its ports."""

    name: str
    datapath: str = "system"
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class Services:
    """The units of Open vSwitch: all of it, the switch alone, and its database."""

    all: str = "openvswitch-switch"
    switch: str = "ovs-vswitchd"
    database: str = "ovsdb-server"


@dataclass(frozen=True)
class Desired:
    """Open vSwitch, running, with these bridges and settings; a setting of None is taken out.

    ``settings``: by the column of the database that has them. ``managers``: where else the database's server listens,
    or whom it calls; None leaves them as they are.
    """

    bridges: tuple[DesiredBridge, ...]
    settings: Mapping[str, Mapping[str, str | None]] = field(default_factory=dict)
    managers: frozenset[str] | None = None
    services: Services = Services()

    @property
    def ports(self) -> tuple[str, ...]:
        """The interfaces that shall be ports, of any bridge."""
        return tuple(port for bridge in self.bridges for port in bridge.ports)


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments; CollectionError for what cannot be the name of a bridge, an interface or a setting."""
    managers = params["managers"]
    settings = {name: params[name] for name in ("other_config", "external_ids")}
    described = tuple(
        DesiredBridge(bridge["name"], bridge["datapath"], tuple(bridge["ports"]))
        for bridge in params["bridges"]
    )
    names = [name for bridge in described for name in (bridge.name, *bridge.ports)]
    _check("bridge or port", names, _DEVICE, "it is no name of a network device")
    for column in settings.values():
        _check("setting", [*column], _KEY, "it is no name of a setting")
    _check("manager", [*(managers or ())], _TARGET, "it is no target such as ptcp:6640:127.0.0.1")
    twice = [name for name, count in Counter(names).items() if count > 1]
    if twice:
        raise CollectionError(
            "configure", "bridge or port", twice[0], "it is named twice", "Name it once", code="arguments"
        )
    return Desired(
        described,
        {name: {key: _text(value) for key, value in column.items()} for name, column in settings.items()},
        None if managers is None else frozenset(managers),
        Services(params["unit"], params["switch_unit"], params["database_unit"]),
    )


def _check(kind: str, names: Sequence[str], pattern: re.Pattern[str], cause: str) -> None:
    for name in names:
        if not pattern.fullmatch(name):
            raise CollectionError("configure", kind, repr(name), cause, "Correct it", code="arguments")


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
