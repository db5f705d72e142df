# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keystone's Identity API v3, as far as registering services needs it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import Any, Callable, Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit

from .._clients.openstack_api import Cloud
from .._clients.openstack_errors import ApiError, unless_gone
from .._engine.errors import CollectionError
from .parameters import ServiceUser
from .state import CatalogEndpoint, CatalogService, Principal, State

# Keystone takes its time, mostly to check tokens and to hash passwords; its workers can do that side by side.
_AT_ONCE = 4
# Keystone reduces it to the most that it gives at once.
_NO_LIMIT = "1000000"
_BAD_REQUEST, _UNAUTHORIZED = 400, 401


class IdentityApi(Protocol):
    """What the registration of services needs of Keystone."""

    def read(self, users: Sequence[ServiceUser], trusted: Collection[str] = ()) -> State:
        """The catalog, and what there is of ``users``, their passwords tried where they have one.

        ``trusted`` are IDs of users whose password is known to work and is not tried.
        """

    def create(self, kind: str, body: Mapping[str, Any]) -> str:
        """Create a region, role, project, user, service or endpoint; returns its ID."""

    def update(self, kind: str, id: str, changes: Mapping[str, Any]) -> None:
        """Change some attributes."""

    def delete(self, kind: str, id: str) -> None:
        """Delete; nothing happens to what is gone already."""

    def assign(self, user_id: str, project_id: str, role_id: str) -> None:
        """Give a user a role on a project; nothing happens if it has it."""

    def at_once(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """The results of independent calls, made side by side where that is faster."""


class Keystone:
    """IdentityApi of a real Keystone."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._api = cloud.identity

    def read(self, users: Sequence[ServiceUser], trusted: Collection[str] = ()) -> State:
        """One list of each kind, then one authentication for each password to try; a few at a time."""
        found = self._domains({user.domain for user in users})
        domains = {name: one["id"] for name, one in found.items()}
        services, endpoints, regions, roles, projects, accounts = self.at_once(
            [
                lambda: self._list("services"),
                lambda: self._list("endpoints"),
                lambda: self._list("regions"),
                lambda: self._list("roles") if users else [],
                lambda: self._principals("projects", {(one.domain, one.project) for one in users}, domains),
                lambda: self._principals("users", {(one.domain, one.name) for one in users}, domains),
            ]
        )
        trials = _trials(users, trusted, domains, accounts)
        assignments, *answers = self.at_once(
            [
                lambda: self._assignments(projects) if accounts else frozenset(),
                *(partial(self._authenticates, user, password) for user, password in trials.items()),
            ]
        )
        authenticated = frozenset(user for user, works in zip(trials, answers) if works).union(trusted)
        return State(
            tuple(_service(one) for one in services),
            tuple(_endpoint(one) for one in endpoints),
            frozenset(one["id"] for one in regions),
            domains,
            projects,
            accounts,
            {one["name"]: one["id"] for one in roles},
            assignments,
            authenticated,
            frozenset(name for name, one in found.items() if not one["enabled"]),
        )

    def create(self, kind: str, body: Mapping[str, Any]) -> str:
        """POST to the kind's collection."""
        name = str(body.get("name") or body.get("id") or f"{body.get('interface')} {body.get('url')}")
        reply = self._api.post(f"/{kind}s", {kind: dict(body)}, subject=f"{kind} {name}")
        return str(reply[kind]["id"])

    def update(self, kind: str, id: str, changes: Mapping[str, Any]) -> None:
        """PATCH it."""
        self._api.patch(f"/{kind}s/{id}", {kind: dict(changes)}, subject=f"{kind} {id}")

    def delete(self, kind: str, id: str) -> None:
        """DELETE it."""
        with unless_gone():
            self._api.delete(f"/{kind}s/{id}", subject=f"{kind} {id}")

    def assign(self, user_id: str, project_id: str, role_id: str) -> None:
        """PUT the assignment."""
        path = f"/projects/{project_id}/users/{user_id}/roles/{role_id}"
        self._api.put(path, subject=f"role {role_id} of user {user_id}")

    def at_once(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """A few threads, each with one request at a time."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return [running.result() for running in [pool.submit(call) for call in calls]]

    def _list(self, kind: str, **query: str) -> list[dict[str, Any]]:
        found, complete = self._pages(kind, query)
        if not complete:
            found, complete = self._unlimited(kind, query) or (found, False)
        if not complete:
            raise CollectionError(
                "read",
                kind,
                "",
                f"Keystone gives only the first {len(found)}",
                "Raise list_limit in keystone.conf, or unset it",
                code="truncated",
            )
        return found

    def _pages(self, kind: str, query: Mapping[str, str]) -> tuple[list[dict[str, Any]], bool]:
        """All pages of a list, and whether that is all.

        Older Keystones cut lists and have no next page; newer ones have one of every list, which is the
        first page again where the list has no pages.
        """
        found: list[dict[str, Any]] = []
        asked: list[dict[str, str]] = []
        page: dict[str, str] | None = dict(query)
        while page is not None:
            asked.append(page)
            path = f"/{kind}" + (f"?{urlencode(page)}" if page else "")
            reply = self._api.get(path, subject=kind)
            page = _next_page(reply)
            if page in asked:
                return found, False
            found += reply[kind]
        return found, not reply.get("truncated")

    def _unlimited(self, kind: str, query: Mapping[str, str]) -> tuple[list[dict[str, Any]], bool] | None:
        """The list without regard to list_limit; None where Keystone does not know how."""
        try:
            return self._pages(kind, {**query, "limit": _NO_LIMIT})
        except ApiError as error:
            if error.status != _BAD_REQUEST:
                raise
            return None

    def _domains(self, names: Collection[str]) -> dict[str, dict[str, Any]]:
        """The domains by what they were called, name or ID; those of our own token need no request."""
        if not names:
            return {}
        access = self._cloud.access()
        found = {
            access.user_domain_name: {"id": access.user_domain_id, "enabled": True},
            access.project_domain_name: {"id": access.project_domain_id, "enabled": True},
        }
        if not found.keys() >= set(names):
            listed = self._list("domains")
            found = {one["id"]: one for one in listed}
            found.update((one["name"], one) for one in listed)
            for name in set(names) - found.keys():
                found.update((one["name"], one) for one in self._list("domains", name=name))
        return {name: found[name] for name in names if name in found}

    def _principals(
        self, kind: str, names: Collection[tuple[str, str]], domains: Mapping[str, str]
    ) -> tuple[Principal, ...]:
        """The users or projects among ``names`` (domain, name) that exist, several of a domain in one list."""
        found: list[Principal] = []
        for domain, domain_id in domains.items():
            inside = {name for one, name in names if one == domain}
            listed = self._pages(kind, {"domain_id": domain_id})[0] if len(inside) > 1 else []
            # Beyond max_db_limit, newer Keystones leave things out and do not say so.
            left_out = sorted(inside - {one["name"] for one in listed})
            searches = [partial(self._list, kind, domain_id=domain_id, name=name) for name in left_out]
            found += [
                Principal(one["id"], one["name"], domain_id, one["enabled"])
                for one in chain(listed, *self.at_once(searches))
                if one["name"] in inside
            ]
        return tuple(dict.fromkeys(found))

    def _assignments(self, projects: Collection[Principal]) -> frozenset[tuple[str, str, str]]:
        return frozenset(
            (one["user"]["id"], str(project.id), one["role"]["id"])
            for project in projects
            for one in self._list("role_assignments", **{"scope.project.id": str(project.id)})
            if "user" in one and "OS-INHERIT:inherited_to" not in one["scope"]
        )

    def _authenticates(self, user_id: str, password: str) -> bool:
        user = {"id": user_id, "password": password}
        body = {"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}}
        try:
            self._api.post(
                "/auth/tokens?nocatalog",
                body,
                subject=f"token of user {user_id}",
                authenticated=False,
            )
        except ApiError as error:
            if error.status != _UNAUTHORIZED:
                raise
            return False
        return True


def _trials(
    users: Sequence[ServiceUser],
    trusted: Collection[str],
    domains: Mapping[str, str],
    accounts: Collection[Principal],
) -> dict[str, str]:
    """The passwords to try, by user ID."""
    ids = {(one.domain_id, one.name): str(one.id) for one in accounts if one.enabled}
    found = ((ids.get((domains.get(user.domain, ""), user.name)), user.password) for user in users)
    return {one: password for one, password in found if one and one not in trusted and password is not None}


def _next_page(reply: Mapping[str, Any]) -> dict[str, str] | None:
    following = (reply.get("links") or {}).get("next") if reply.get("truncated") else None
    return dict(parse_qsl(urlsplit(following).query)) if following else None


def _service(found: Mapping[str, Any]) -> CatalogService:
    name, description = found.get("name", ""), found.get("description") or ""
    return CatalogService(found["id"], name, found["type"], description, found["enabled"])


def _endpoint(found: Mapping[str, Any]) -> CatalogEndpoint:
    place = found["service_id"], found["interface"], found["region_id"]
    return CatalogEndpoint(found["id"], *place, found["url"], found["enabled"])
