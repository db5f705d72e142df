# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module cloud_proof is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._clients import openstack

ARGUMENTS: dict[str, Any] = {
    **openstack.ARGUMENTS,
    "services": {
        "type": "list",
        "elements": "str",
        "default": ["identity", "image", "placement", "compute", "network"],
    },
    "interfaces": {"type": "list", "elements": "str", "default": ["public", "internal", "admin"]},
    "agents": {"type": "dict", "default": {}},
    "upgrade_check": {"type": "bool", "default": True},
    "placement_upgrade_check": {"type": "bool", "default": False},
    "run_as": {"type": "str", "default": "nova"},
    "timeout": {"type": "float", "default": 60},
}

_CHECKS = {"placement": "placement_upgrade_check", "nova": "upgrade_check"}


@dataclass(frozen=True)
class Desired:
    """The cloud as it should be.

    ``services`` are types; each must have all ``interfaces`` in the region. ``agents``: host -> binaries of
    Neutron's agents, which may take ``timeout`` seconds to report; none stands for those that Neutron knows there and
    that are enabled, whichever they are. ``upgrade_checks``: services whose status program must
    be content.
    """

    region: str
    services: tuple[str, ...]
    interfaces: tuple[str, ...]
    agents: Mapping[str, Sequence[str]]
    upgrade_checks: tuple[str, ...]
    timeout: float


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters."""
    return Desired(
        region=params["region_name"] or "RegionOne",
        services=tuple(params["services"]),
        interfaces=tuple(params["interfaces"]),
        agents=params["agents"],
        upgrade_checks=tuple(service for service, parameter in _CHECKS.items() if params[parameter]),
        timeout=params["timeout"],
    )
