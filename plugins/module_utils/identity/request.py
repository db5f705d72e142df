# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of keystone_service_endpoint, checked for contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..engine.errors import CollectionError
from .model import Account, Registration

_INTERFACES = ("public", "internal", "admin")


def registrations(services: Sequence[Mapping[str, Any]]) -> list[Registration]:
    """The wanted services. Raises CollectionError where two entries contradict each other."""
    wanted = [_registration(service) for service in services]
    places: set[tuple[str, str, str]] = set()
    passwords: dict[tuple[str, str], str | None] = {}
    for one in wanted:
        place = (one.name, one.type, one.region)
        if place in places:
            raise _invalid(one.name, f"it is listed twice for region {one.region}", "List it once")
        places.add(place)
        if one.account:
            user = (one.account.domain, one.account.user)
            if passwords.setdefault(user, one.account.password) != one.account.password:
                raise _invalid(
                    one.name,
                    f"user {one.account.user} is given two passwords",
                    "Give it the same one everywhere",
                )
    return wanted


def _registration(service: Mapping[str, Any]) -> Registration:
    endpoints = service["endpoints"]
    unknown = sorted(set(endpoints) - set(_INTERFACES))
    if unknown:
        raise _invalid(
            service["name"],
            f"{', '.join(unknown)} is not an interface",
            f"Name the interfaces {', '.join(_INTERFACES)}",
        )
    empty = [interface for interface, url in endpoints.items() if url is not None and not str(url).strip()]
    if empty:
        raise _invalid(service["name"], f"the {empty[0]} URL is empty", "Give a URL, or null to take it out")
    account = None
    if service["user"]:
        account = Account(
            service["user"],
            service["password"],
            service["project"],
            service["domain"],
            tuple(service["roles"]),
        )
    return Registration(
        service["name"],
        service["type"],
        service["description"],
        service["enabled"],
        service["region"],
        {name: None if url is None else str(url) for name, url in endpoints.items()},
        account,
    )


def _invalid(name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("register", "service", name, cause, remedy, code="invalid")
