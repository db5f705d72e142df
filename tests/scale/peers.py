# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What it costs the control node to tell one compute host of all others, in inventories of up to 1,000.

Needs no host: only the list is rendered, which is the one thing of a run that grows with the square of the hosts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pages
from bench.playbook import OURS, ROOT, play

NUMBERS = (20, 200, 1000)
# In peers.yml.
_HOSTS = 5
_FEW, _MANY = 1, 5
_PLAY = ROOT / "tests/scale/peers.yml"
_FOLDER = ROOT / ".cache/scale"


def inventory(number: int) -> dict[str, Any]:
    """Compute hosts that have told of themselves already."""
    hosts = {f"compute{serial}": _host(serial) for serial in range(number)}
    variables = {"cloud_compute_group": "compute", "cloud_controller_group": "controller"}
    return {
        "all": {
            "vars": variables,
            "children": {"compute": {"hosts": hosts}, "controller": {"hosts": {"controller1": {}}}},
        }
    }


def each(few: float, many: float) -> float:
    """CPU seconds of one list, given those of a run that makes few of them and of one that makes many."""
    return (many - few) / (_HOSTS * (_MANY - _FEW))


def measure() -> dict[int, float]:
    """Number of hosts to CPU seconds for each of them."""
    found = {}
    for number in NUMBERS:
        path = _FOLDER / f"peers-{number}.json"
        path.write_text(json.dumps(inventory(number)))
        few, many = (_cpu(path, turns) for turns in (_FEW, _MANY))
        found[number] = each(few, many)
    return found


def lines(found: Mapping[int, float]) -> list[str]:
    """The table."""
    rows = [(f"{number:,}", f"{cpu:.3f}", f"{cpu * number:.1f}") for number, cpu in found.items()]
    return pages.table(
        ["compute hosts", "CPU seconds to list the others for one of them", "for each of them"], rows
    )


def _cpu(path: Path, turns: int) -> float:
    options = ("--inventory", str(path), "--extra-vars", f"scale_turns={turns}")
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
