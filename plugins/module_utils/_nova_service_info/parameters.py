# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module nova_service_info is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._clients import openstack
from .._engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    **openstack.ARGUMENTS,
    "expect": {"type": "dict", "default": {}},
    "timeout": {"type": "int", "default": 0},
}


@dataclass(frozen=True)
class Desired:
    """The binaries that must work, by host ({}: all that are enabled), after at most ``timeout`` seconds."""

    services: Mapping[str, Sequence[str]] = field(default_factory=dict)
    timeout: float = 0.0


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters. Raises CollectionError where a host has no names of binaries."""
    return Desired(
        {str(host): _binaries(host, given) for host, given in params["expect"].items()}, params["timeout"]
    )


def _binaries(host: object, given: Any) -> list[str]:
    binaries: list[Any] = given if isinstance(given, list) else [given]
    if not all(isinstance(one, str) and one.strip() for one in binaries):
        raise CollectionError(
            "expect",
            "services on",
            str(host),
            f"{given!r} is not a list of names",
            "Name the services that must work there, such as [nova-compute]",
            code="invalid",
        )
    return binaries
