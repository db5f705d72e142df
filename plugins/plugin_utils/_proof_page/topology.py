# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawing of a cloud: controllers above, compute hosts in their cell below, and what runs on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

_GAP, _PADDING, _LINE = 20, 14, 21
_HEAD = 46
_WIDEST, _NARROWEST = 320, 236
# A host that has a line for itself shows its services in two columns.
_ALONE, _COLUMN = 660, 300
_LABEL = 32


@dataclass(frozen=True)
class Row:
    """A line in a host's box: a service, an agent or an instance, and how it is (good, bad or idle)."""

    text: str
    state: str
    kind: str = "service"
    x: float = _PADDING
    y: float = 0.0


@dataclass(frozen=True)
class Box:
    """A host: where it stands, and what is on it."""

    x: float
    y: float
    width: float
    height: float
    name: str
    address: str
    rows: Sequence[Row] = ()


@dataclass(frozen=True)
class Frame:
    """What holds several hosts, under its name."""

    x: float
    y: float
    width: float
    height: float
    name: str


@dataclass(frozen=True)
class Drawing:
    """The whole picture, in pixels."""

    width: float
    height: float
    boxes: Sequence[Box] = ()
    frames: Sequence[Frame] = ()
    lines: Sequence[tuple[float, float, float, float]] = ()
    sentence: str = ""


@dataclass
class _Layer:
    name: str
    hosts: list[tuple[str, str, list[Row]]] = field(default_factory=list)


def topology(report: Mapping[str, Any], width: int) -> Drawing:
    """The drawing in this width."""
    layers = [layer for layer in _layers(report) if layer.hosts]
    boxes: list[Box] = []
    frames: list[Frame] = []
    lines: list[tuple[float, float, float, float]] = []
    y = 1.0
    for number, layer in enumerate(layers):
        if number:
            lines.append((width / 2, y, width / 2, y + _GAP * 1.5))
            y += _GAP * 1.5
        placed, bottom = _placed(layer, width, y + _LABEL)
        frames.append(Frame(1, y, width - 2, bottom - y, layer.name))
        boxes += placed
        y = bottom
    return Drawing(width, y + 1, boxes, frames, lines, _sentence(layers))


def _placed(layer: _Layer, width: int, top: float) -> tuple[list[Box], float]:
    """The hosts of a layer side by side, as many as the width allows, and where the layer ends."""
    inner = width - 2 * _PADDING
    columns = max(1, min(len(layer.hosts), int((inner + _GAP) // (_NARROWEST + _GAP))))
    widest = _ALONE if len(layer.hosts) == 1 else _WIDEST
    each = min((inner - (columns - 1) * _GAP) / columns, inner if inner < _ALONE else widest)
    left = (width - columns * each - (columns - 1) * _GAP) / 2
    boxes: list[Box] = []
    for begin in range(0, len(layer.hosts), columns):
        line = layer.hosts[begin : begin + columns]
        arranged = [_arranged(rows, each) for _name, _address, rows in line]
        height = max([_HEAD, *(row.y + _PADDING for rows in arranged for row in rows)])
        for column, ((name, address, _rows), rows) in enumerate(zip(line, arranged)):
            boxes.append(Box(left + column * (each + _GAP), top, each, height, name, address, rows))
        top += height + _GAP
    return boxes, top - _GAP + _PADDING


def _arranged(rows: Sequence[Row], width: float) -> list[Row]:
    """The rows with their places in a box of this width."""
    columns = max(1, int((width - _PADDING) // _COLUMN))
    each = -(-len(rows) // columns)
    return [
        replace(row, x=_PADDING + number // each * _COLUMN, y=_HEAD + 10 + number % each * _LINE)
        for number, row in enumerate(rows)
    ]


def _layers(report: Mapping[str, Any]) -> list[_Layer]:
    hosts = report.get("hosts") or []
    controllers = [host for host in hosts if "controller" in host["kinds"]]
    computes = [host for host in hosts if host not in controllers]
    unmapped = {one["host"] for one in report.get("computes") or () if not one["mapped"]}
    names = [one["name"] or "cell without a name" for one in report.get("cells") or ()]
    cells = " and ".join(name for name in names if name != "cell0")
    return [
        _Layer("Controller" if len(controllers) == 1 else "Controllers", _described(controllers, report)),
        _Layer(
            f"Compute hosts in {cells}" if cells else "Compute hosts",
            _described([host for host in computes if host["name"] not in unmapped], report),
        ),
        _Layer(
            "In no cell, nothing is scheduled to them",
            _described([host for host in computes if host["name"] in unmapped], report),
        ),
    ]


def _described(
    hosts: Sequence[Mapping[str, Any]], report: Mapping[str, Any]
) -> list[tuple[str, str, list[Row]]]:
    return [(host["name"], host.get("address", ""), list(_rows(host, report))) for host in hosts]


def _rows(host: Mapping[str, Any], report: Mapping[str, Any]) -> list[Row]:
    name = host["name"]
    apis = [Row(f"{service} API", "good") for service in _apis(host, report.get("endpoints") or ())]
    services = [
        Row(_titled(one["binary"], _trouble(one)), "bad" if one["state"] != "up" else _calm(_trouble(one)))
        for one in report.get("services") or ()
        if one["host"] == name
    ]
    agents = [
        Row(_titled(one["binary"], "" if one["alive"] else "not alive"), "good" if one["alive"] else "bad")
        for one in report.get("agents") or ()
        if one["host"] == name
    ]
    return [*apis, *services, *agents, *_guests(name, report.get("instances") or ())]


def _guests(name: str, instances: Sequence[Mapping[str, Any]]) -> list[Row]:
    """The proof's instances that were on a host, each with where it came from or went."""
    rows = []
    for one in instances:
        places = [one.get("host"), *one.get("moved_to", ())]
        for number, place in enumerate(places):
            if place != name:
                continue
            origin = f"instance from {places[number - 1]}" if number else "instance booted"
            onward = f", on to {places[number + 1]}" if number + 1 < len(places) else ""
            rows.append(Row(origin + onward, "good", "instance"))
    return rows


def _apis(host: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]]) -> list[str]:
    own = {host["name"], host.get("inventory_name"), host.get("address")} - {"", None}
    return sorted({one["service"] for one in endpoints if urlsplit(one["url"]).hostname in own})


def _trouble(service: Mapping[str, Any]) -> str:
    words = [service["state"] if service["state"] != "up" else "", _disabled(service)]
    return ", ".join(word for word in words if word)


def _disabled(service: Mapping[str, Any]) -> str:
    return "" if service["status"] == "enabled" else str(service["status"])


def _calm(trouble: str) -> str:
    return "idle" if trouble else "good"


def _titled(name: str, trouble: str) -> str:
    return f"{name} ({trouble})" if trouble else name


def _sentence(layers: Sequence[_Layer]) -> str:
    """The drawing for those who do not see it."""
    told = [f"{layer.name}: {', '.join(name for name, *_rest in layer.hosts)}" for layer in layers]
    return "; ".join(told) + "." if told else "No host is known."
