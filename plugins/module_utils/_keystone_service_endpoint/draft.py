# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A working copy of what Keystone has of services, endpoints, users and roles."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .._engine.draft import ID, Draft, Pending
from .batches import RegistrationStep
from .state import CatalogEndpoint, CatalogService, Principal, State

# A kind needs only those of the waves before: the things of a wave, of all services, can be made side by side.
_WAVES = {"region": 0, "role": 0, "project": 0, "user": 0, "assignment": 1, "service": 1, "endpoint": 2}
# Removals come last, whatever their kind.
_REMOVALS = 3


class CatalogDraft(Draft[RegistrationStep]):
    """Keystone as it is currently, with changes."""

    def __init__(self, current: State) -> None:
        super().__init__(_REMOVALS + 1)
        self.services = {service.id: service for service in current.services}
        self.endpoints: dict[ID, dict[ID, CatalogEndpoint]] = {service: {} for service in self.services}
        for endpoint in current.endpoints:
            self.endpoints.setdefault(endpoint.service_id, {})[endpoint.id] = endpoint
        self.regions = set(current.regions)
        self.domains = dict(current.domains)
        self.disabled_domains = current.disabled_domains
        self._projects: dict[tuple[ID | None, str], Principal] = {
            (project.domain_id, project.name): project for project in current.projects
        }
        self._users: dict[tuple[ID | None, str], Principal] = {
            (user.domain_id, user.name): user for user in current.users
        }
        self.roles = dict(current.roles)
        self.assignments = set(current.assignments)
        self.authenticated = set(current.authenticated)
        self._by_name: dict[tuple[str, str], list[ID]] = {}
        for service in current.services:
            self._by_name.setdefault((service.name, service.type), []).append(service.id)

    def services_named(self, name: str, kind: str) -> list[CatalogService]:
        """The services with this name and type, smallest ID first."""
        ids = self._by_name.get((name, kind), ())
        return sorted((self.services[one] for one in ids if one in self.services), key=_by_id)

    def project(self, name: str, domain: str) -> Principal | None:
        """The project of this name in a domain."""
        return self._projects.get((self.domains.get(domain), name))

    def user(self, name: str, domain: str) -> Principal | None:
        """The user of this name in a domain."""
        return self._users.get((self.domains.get(domain), name))

    def create_region(self, region: str) -> None:
        """Add a region."""
        self.regions.add(region)
        self._create("region", region, {"id": region}, ["region", "create", region])

    def create_role(self, role: str) -> None:
        """Add a global role."""
        self.roles[role] = self._create("role", role, {"name": role}, ["role", "create", role])

    def create_project(self, name: str, domain: str) -> Principal:
        """Add a project to a domain."""
        domain_id = self.domains[domain]
        body = {"name": name, "domain_id": domain_id, "enabled": True}
        words = ["project", "create", "--domain", domain, name]
        project = Principal(self._create("project", f"{domain}/{name}", body, words), name, domain_id, True)
        self._projects[project.domain_id, name] = project
        return project

    def enable_project(self, project: Principal, domain: str) -> None:
        """Enable a project."""
        words = ["--enable", "--domain", domain, project.name]
        self._update("project", project.id, {"enabled": True}, words)
        self._projects[project.domain_id, project.name] = replace(project, enabled=True)

    def create_user(self, name: str, domain: str, password: str) -> Principal:
        """Add a user to a domain."""
        domain_id = self.domains[domain]
        body = {"name": name, "domain_id": domain_id, "enabled": True, "password": password}
        words = ["user", "create", "--domain", domain, "--password-prompt", name]
        user = Principal(self._create("user", f"{domain}/{name}", body, words), name, domain_id, True)
        self._users[user.domain_id, name] = user
        self.authenticated.add(user.id)
        return user

    def update_user(self, user: Principal, domain: str, *, enable: bool, password: str | None) -> None:
        """Enable a user, give it a password, or both in one request."""
        changes: dict[str, Any] = {}
        words = []
        if enable:
            changes["enabled"] = True
            words.append("--enable")
        if password is not None:
            changes["password"] = password
            words.append("--password-prompt")
            self.authenticated.add(user.id)
        self._update("user", user.id, changes, [*words, "--domain", domain, user.name])
        self._users[user.domain_id, user.name] = replace(user, enabled=True)

    def delete_user(self, user: Principal, domain: str) -> None:
        """Delete a user, and with it its assignments."""
        self._delete("user", user.id, ["--domain", domain, user.name])
        del self._users[user.domain_id, user.name]
        self.assignments = {assignment for assignment in self.assignments if assignment[0] != user.id}

    def assign(self, user: Principal, project: Principal, role: str, domain: str) -> None:
        """Give a user a role on a project."""
        words = ["role", "add", "--project-domain", domain, "--project", project.name]
        words += ["--user-domain", domain, "--user", user.name, role]
        ids = (user.id, project.id, self.roles[role])
        step = RegistrationStep(
            command=_command(words),
            call=lambda keystone: keystone.assign(*ids),
            mentions=frozenset(ids),
        )
        self.add(step, _WAVES["assignment"])
        self.assignments.add(ids)

    def create_service(self, name: str, kind: str, description: str, enabled: bool) -> CatalogService:
        """Add a service to the catalog."""
        body = {"name": name, "type": kind, "description": description, "enabled": enabled}
        words = ["service", "create", "--name", name]
        words += ["--description", description] if description else []
        words += [] if enabled else ["--disable"]
        created = self._create("service", f"{name}/{kind}", body, [*words, kind])
        service = CatalogService(created, name, kind, description, enabled)
        self.services[service.id] = service
        self.endpoints[service.id] = {}
        self._by_name.setdefault((name, kind), []).append(service.id)
        return service

    def update_service(self, service: CatalogService, changes: Mapping[str, Any]) -> None:
        """Change the description of a service, or whether it is enabled."""
        self._update("service", service.id, changes, [*_options(changes), str(service.id)])
        self.services[service.id] = replace(service, **changes)

    def delete_service(self, service: CatalogService) -> None:
        """Delete a service, and with it what it still has of endpoints."""
        self._delete("service", service.id, [str(service.id)])
        del self.services[service.id]
        self.endpoints.pop(service.id, None)

    def create_endpoint(self, service: CatalogService, region: str, interface: str, url: str) -> None:
        """Add an endpoint to a service."""
        body = {
            "service_id": service.id,
            "region_id": region,
            "interface": interface,
            "url": url,
            "enabled": True,
        }
        words = ["endpoint", "create", "--region", region, service.name, interface, url]
        created = self._create("endpoint", f"{service.name}/{service.type}/{region}/{interface}", body, words)
        self.endpoints[service.id][created] = CatalogEndpoint(
            created, service.id, interface, region, url, True
        )

    def update_endpoint(self, endpoint: CatalogEndpoint, changes: Mapping[str, Any]) -> None:
        """Change the URL of an endpoint, its service (``service_id``), or whether it is enabled."""
        self._update("endpoint", endpoint.id, changes, [*_options(changes), str(endpoint.id)])
        del self.endpoints[endpoint.service_id][endpoint.id]
        endpoint = replace(endpoint, **changes)
        self.endpoints[endpoint.service_id][endpoint.id] = endpoint

    def delete_endpoint(self, endpoint: CatalogEndpoint) -> None:
        """Delete an endpoint."""
        self._delete("endpoint", endpoint.id, [str(endpoint.id)])
        del self.endpoints[endpoint.service_id][endpoint.id]

    def _create(self, kind: str, name: str, body: Mapping[str, Any], words: Iterable[str]) -> Pending:
        created = Pending(kind, name)
        step = RegistrationStep(
            command=_command(words),
            call=lambda keystone: keystone.create(created, body),
            mentions=_ids(body),
            # A region's ID is its name, and endpoints refer to it.
            writes=frozenset({created, body.get("id", created)}),
        )
        self.add(step, _WAVES[kind])
        return created

    def _update(self, kind: str, one: ID, changes: Mapping[str, Any], words: Iterable[str]) -> None:
        values = dict(changes)
        step = RegistrationStep(
            command=_command([kind, "set", *words]),
            call=lambda keystone: keystone.update(kind, one, values),
            mentions=_ids(values) | {one},
            writes=frozenset({one}),
        )
        self.add(step, _WAVES[kind])

    def _delete(self, kind: str, one: ID, words: Iterable[str]) -> None:
        step = RegistrationStep(
            command=_command([kind, "delete", *words]),
            call=lambda keystone: keystone.delete(kind, one),
            mentions=frozenset({one}),
            writes=frozenset({one}),
            deletes=kind,
        )
        self.add(step, _REMOVALS)


def _ids(attributes: Mapping[str, Any]) -> frozenset[ID]:
    """The IDs of other things among the attributes of one."""
    return frozenset(value for name, value in attributes.items() if name.endswith("_id"))


def _by_id(service: CatalogService) -> str:
    return str(service.id)


def _options(changes: Mapping[str, Any]) -> list[str]:
    words = []
    for name, value in changes.items():
        if name == "enabled":
            words.append("--enable" if value else "--disable")
        else:
            words += [f"--{name.replace('_id', '')}", str(value)]
    return words


def _command(words: Iterable[str]) -> str:
    return shlex.join(["openstack", *words])
