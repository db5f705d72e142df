# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of keystone_service_endpoint, checked for contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..engine.errors import CollectionError
from .model import Account, Registration

_INTERFACES = ("public", "internal", "admin")


def registrations(services: Sequence[Mapping[str, Any]]) -> list[Registration]:
    """The wanted services. Raises CollectionError where two entries contradict each other.

    What one of several entries of a service or user says of it holds for all of them.
    """
    wanted = [_registration(service) for service in services]
    places: set[tuple[str, str, str]] = set()
    enabled: dict[tuple[str, str], bool] = {}
    descriptions: dict[tuple[str, str], str] = {}
    passwords: dict[tuple[str, str], str] = {}
    for one in wanted:
        service = (one.name, one.type)
        place = (*service, one.region)
        if place in places:
            raise _invalid(one.name, f"it is listed twice for region {one.region}", "List it once")
        places.add(place)
        if enabled.setdefault(service, one.enabled) != one.enabled:
            raise _invalid(
                one.name,
                "it is enabled in one entry and disabled in another",
                "Its regions share it: give the same everywhere",
            )
        if _contradicts(descriptions, service, one.description):
            raise _invalid(one.name, "it is given two descriptions", "Give it the same one everywhere")
        if one.account and _contradicts(passwords, _user(one.account), one.account.password):
            raise _invalid(
                one.name, f"user {one.account.user} is given two passwords", "Give it the same one everywhere"
            )
    return [
        replace(
            one,
            description=descriptions.get((one.name, one.type)),
            account=one.account and replace(one.account, password=passwords.get(_user(one.account))),
        )
        for one in wanted
    ]


def _contradicts(given: dict[tuple[str, str], str], key: tuple[str, str], value: str | None) -> bool:
    return value is not None and given.setdefault(key, value) != value


def _user(account: Account) -> tuple[str, str]:
    return account.domain, account.user


def _registration(service: Mapping[str, Any]) -> Registration:
    _require_text(service)
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


def _require_text(service: Mapping[str, Any]) -> None:
    """Refuse what is empty, as a variable that was forgotten: Keystone takes some of it."""
    given = {option: service[option] for option in ("name", "type", "region")}
    if service["user"]:
        given.update({option: service[option] for option in ("project", "domain")})
        given.update({f"role {number}": role for number, role in enumerate(service["roles"], 1)})
        # A password of spaces is one.
        given["password"] = service["password"] and "given"
    for option, value in given.items():
        if value is not None and not value.strip():
            raise _invalid(service["name"], f"its {option} is empty", "Give it a value")


def _invalid(name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("register", "service", name, cause, remedy, code="invalid")
