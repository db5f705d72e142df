# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of nova_service_info, checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.errors import CollectionError
from .health import Expected


def expectations(expect: Mapping[Any, Any]) -> Expected:
    """The binaries that must work, by host. Raises CollectionError where a host has no names of them."""
    return {str(host): _binaries(host, given) for host, given in expect.items()}


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
