# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a cloud says of itself: its catalog, its agents, its upgrade check."""

from __future__ import annotations

from typing import Any

from ansible_collections.stackwright.nova.plugins.module_utils._engine.process import Output

TYPES = ("identity", "compute")
INTERFACES = ("public", "internal", "admin")
UPGRADE = """+-------------------------------------------+
| Upgrade Check Results                     |
+-------------------------------------------+
| Check: Cells v2                           |
| Result: {first}                           |
| Details: {details}                        |
+-------------------------------------------+
| Check: Placement API                      |
| Result: Success                           |
| Details: None                             |
+-------------------------------------------+
"""


def service(kind: str, interfaces: tuple[str, ...] = INTERFACES, region: str = "RegionOne") -> dict[str, Any]:
    return {
        "id": f"{kind}-id",
        "type": kind,
        "name": kind,
        "endpoints": [
            {
                "id": f"{kind}-{interface}",
                "interface": interface,
                "region": region,
                "region_id": region,
                "url": f"http://{kind}",
            }
            for interface in interfaces
        ],
    }


def agent(binary: str, host: str, **fields: Any) -> dict[str, Any]:
    return {
        "binary": binary,
        "host": host,
        "alive": True,
        "admin_state_up": True,
        "heartbeat_timestamp": "2026-11-21 04:00:00",
        **fields,
    }


class FakeReader:
    """Says what the test wants; agents come alive after some looks."""

    def __init__(self) -> None:
        self.name = "http://controller:5000/v3"
        self.services: Any = [service(kind) for kind in TYPES]
        self.silent: dict[str, str] = {}
        self.looks_until_alive = 0
        self.status: Any = Output(0, UPGRADE.format(first="Success", details="None"), "")

    def catalog(self) -> Any:
        return said(self.services)

    def agents(self) -> Any:
        self.looks_until_alive -= 1
        return [agent("neutron-l3-agent", "controller", alive=self.looks_until_alive < 0)]

    def refusal(self, url: str) -> str | None:
        return self.silent.get(url)

    def upgrade_check(self, service: str) -> Any:
        return said(self.status)


def said(value: Any) -> Any:
    if isinstance(value, Exception):
        raise value
    return value
