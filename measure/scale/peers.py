# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs the control node to tell compute hosts of each other, in inventories of up to 1,000.

Needs no host: only the list is rendered, which is the one thing of a run that grows with the square of the hosts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pages
from bench.playbook import OURS, ROOT, play

NUMBERS = (20, 200, 1000)
# In peers.yml.
_HOSTS = 5
_FEW, _MANY = 1, 11
_PLAY = ROOT / "measure/scale/peers.yml"
_FOLDER = ROOT / ".cache/scale"


def inventory(number: int) -> dict[str, Any]:
    """Compute hosts that have told of themselves already."""
    hosts = {f"compute{serial}": _host(serial) for serial in range(number)}
    variables = {
        "cloud_compute_group": "compute",
        "cloud_controller_group": "controller",
        "cloud_cell_controller_group": "cell_controller",
        "cloud_cell": "cell1",
    }
    return {
        "all": {
            "vars": variables,
            "children": {
                "compute": {"hosts": hosts},
                "controller": {"hosts": {"controller1": {}}},
                "cell_controller": {"hosts": {}},
            },
        }
    }


@dataclass(frozen=True)
class Cost:
    """CPU seconds: to read what all hosts have told, and to list the others for one host."""

    read: float
    one: float


def cost(few: float, many_reads: float, many_lists: float) -> Cost:
    """Given the CPU seconds of a run that does each seldom, and of those that do one of both often."""
    more = _MANY - _FEW
    return Cost((many_reads - few) / more, (many_lists - few) / (_HOSTS * more))


def measure() -> dict[int, Cost]:
    """By numbers of hosts."""
    found = {}
    for number in NUMBERS:
        path = _FOLDER / f"peers-{number}.json"
        path.write_text(json.dumps(inventory(number)))
        runs = ((_FEW, _FEW), (_MANY, _FEW), (_FEW, _MANY))
        found[number] = cost(*(_cpu(path, reads, lists) for reads, lists in runs))
    return found


def lines(found: Mapping[int, Cost]) -> list[str]:
    """The table."""
    rows = [
        (f"{number:,}", f"{one.read:.3f}", f"{one.one:.4f}", f"{one.read + one.one * number:.1f}")
        for number, one in found.items()
    ]
    return pages.table(
        [
            "compute hosts",
            "CPU seconds to read what they tell, once",
            "to list the others for one of them",
            "for all of them",
        ],
        rows,
    )


def _cpu(path: Path, reads: int, lists: int) -> float:
    options = ("--inventory", str(path), "--extra-vars", f"scale_reads={reads} scale_lists={lists}")
    return min(play(OURS, str(_PLAY), *options).cpu for _turn in range(2))


def _host(serial: int) -> dict[str, Any]:
    address = f"10.0.{serial // 200}.{serial % 200}"
    key = f"ssh-ed25519 {'A' * 68}"
    peer = {
        "name": f"compute{serial}",
        "address": address,
        "nova_address": address,
        "public_key": key,
        "host_keys": [key],
    }
    return {"ansible_connection": "local", "__compute_peer": peer}
