# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of the service catalog, and what Keystone has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Union


@dataclass(frozen=True)
class Pending:
    """Stands for the ID of something that the plan creates; the ID is known once that is done."""

    kind: str
    name: str


ID = Union[str, Pending]


@dataclass(frozen=True)
class Account:
    """The user as which a service talks to the others; ``password`` None leaves the password alone."""

    user: str
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
    account: Account | None = None


@dataclass(frozen=True)
class Service:
    """An entry of the catalog. Keystone lets any number have the same name and type."""

    id: ID
    name: str
    type: str
    description: str
    enabled: bool


@dataclass(frozen=True)
class Endpoint:
    """A URL of a service. Keystone lets any number have the same service, interface and region."""

    id: ID
    service_id: ID
    interface: str
    region: str | None
    url: str
    enabled: bool


@dataclass(frozen=True)
class Principal:
    """A user or a project."""

    id: ID
    name: str
    domain_id: ID
    enabled: bool


@dataclass(frozen=True)
class Catalog:
    """The part of Keystone's state that a registration deals with.

    ``domains`` maps names to IDs, ``roles`` likewise (global roles only). ``assignments`` holds direct
    (user, project, role) IDs. ``authenticated`` holds the IDs of the users whose wanted password works,
    ``disabled_domains`` names of domains.
    """

    services: tuple[Service, ...] = ()
    endpoints: tuple[Endpoint, ...] = ()
    regions: frozenset[str] = frozenset()
    domains: Mapping[str, ID] = field(default_factory=dict)
    projects: tuple[Principal, ...] = ()
    users: tuple[Principal, ...] = ()
    roles: Mapping[str, ID] = field(default_factory=dict)
    assignments: frozenset[tuple[ID, ID, ID]] = frozenset()
    authenticated: frozenset[ID] = frozenset()
    disabled_domains: frozenset[str] = frozenset()
