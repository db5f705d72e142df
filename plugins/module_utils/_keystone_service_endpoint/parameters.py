# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parameters of keystone_service_endpoint, checked for contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._clients import openstack
from .._engine.errors import CollectionError

_SERVICE = {
    "name": {"type": "str", "required": True},
    "type": {"type": "str", "required": True},
    "description": {"type": "str"},
    "enabled": {"type": "bool", "default": True},
    "region": {"type": "str", "default": "RegionOne"},
    "endpoints": {"type": "dict", "default": {}},
    "user": {"type": "str"},
    "password": {"type": "str", "no_log": True},
    "project": {"type": "str", "default": "service"},
    "domain": {"type": "str", "default": "Default"},
    "roles": {"type": "list", "elements": "str", "default": ["admin", "service"]},
}

ARGUMENTS: dict[str, Any] = {
    **openstack.ARGUMENTS,
    "services": {"type": "list", "elements": "dict", "required": True, "options": _SERVICE},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "duplicates": {"type": "str", "choices": ["heal", "fail"], "default": "heal"},
    "update_password": {
        "type": "str",
        "choices": ["always", "on_create"],
        "default": "always",
        "no_log": False,
    },
}

_INTERFACES = ("public", "internal", "admin")


@dataclass(frozen=True)
class ServiceUser:
    """The user as which a service talks to the others; ``password`` None leaves the password alone."""

    name: str
    password: str | None = field(repr=False)
    project: str
    domain: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class Registration:
    """One service with its endpoints in one region.

    ``description`` None leaves the description alone; an endpoint whose URL is None is taken out, and
    interfaces that are not named are left alone.
    """

    name: str
    type: str
    description: str | None = None
    enabled: bool = True
    region: str = "RegionOne"
    endpoints: Mapping[str, str | None] = field(default_factory=dict)
    user: ServiceUser | None = None


@dataclass(frozen=True)
class Desired:
    """The registrations that there should be, or with ``present`` False should not.

    ``heal`` False makes more than one service (or endpoint) of the same name an error. ``update_password`` False
    leaves the passwords of users alone that exist already.
    """

    registrations: tuple[Registration, ...]
    present: bool = True
    heal: bool = True
    update_password: bool = True

    @property
    def users(self) -> list[ServiceUser]:
        """The users of the registrations, in order; one may come up several times."""
        return [one.user for one in self.registrations if one.user]


def desired(params: Mapping[str, Any]) -> Desired:
    """The parameters as Desired. Raises CollectionError where two entries contradict each other."""
    return Desired(
        tuple(_registrations(params["services"])),
        present=params["state"] == "present",
        heal=params["duplicates"] == "heal",
        update_password=params["update_password"] == "always",
    )


def _registrations(services: Sequence[Mapping[str, Any]]) -> list[Registration]:
    """The services; what one of several entries of a service or user says of it holds for all of them."""
    registrations = [_registration(service) for service in services]
    places: set[tuple[str, str, str]] = set()
    enabled: dict[tuple[str, str], bool] = {}
    descriptions: dict[tuple[str, str], str] = {}
    passwords: dict[tuple[str, str], str] = {}
    for one in registrations:
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
        if one.user and _contradicts(passwords, _identity(one.user), one.user.password):
            raise _invalid(
                one.name, f"user {one.user.name} is given two passwords", "Give it the same one everywhere"
            )
    return [
        replace(
            one,
            description=descriptions.get((one.name, one.type)),
            user=one.user and replace(one.user, password=passwords.get(_identity(one.user))),
        )
        for one in registrations
    ]


def _contradicts(given: dict[tuple[str, str], str], key: tuple[str, str], value: str | None) -> bool:
    return value is not None and given.setdefault(key, value) != value


def _identity(user: ServiceUser) -> tuple[str, str]:
    return user.domain, user.name


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
    user = None
    if service["user"]:
        user = ServiceUser(
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
        user,
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
