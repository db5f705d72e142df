# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Keystone has of services, endpoints, users and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.draft import ID


@dataclass(frozen=True)
class CatalogService:
    """An entry of the catalog. Keystone lets any number have the same name and type."""

    id: ID
    name: str
    type: str
    description: str
    enabled: bool


@dataclass(frozen=True)
class CatalogEndpoint:
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
class State:
    """The part of Keystone's state that registrations deal with.

    ``domains`` maps names to IDs, ``roles`` likewise (global roles only). ``assignments`` holds direct
    (user, project, role) IDs. ``authenticated`` holds the IDs of the users whose given password works,
    ``disabled_domains`` names of domains.
    """

    services: tuple[CatalogService, ...] = ()
    endpoints: tuple[CatalogEndpoint, ...] = ()
    regions: frozenset[str] = frozenset()
    domains: Mapping[str, ID] = field(default_factory=dict)
    projects: tuple[Principal, ...] = ()
    users: tuple[Principal, ...] = ()
    roles: Mapping[str, ID] = field(default_factory=dict)
    assignments: frozenset[tuple[ID, ID, ID]] = frozenset()
    authenticated: frozenset[ID] = frozenset()
    disabled_domains: frozenset[str] = frozenset()
