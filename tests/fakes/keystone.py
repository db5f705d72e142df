# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Keystone in memory, with what the real one refuses and with what it lets happen."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Callable

from ansible_collections.stackwright.nova.plugins.module_utils._clients.openstack_errors import ApiError
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.parameters import (
    ServiceUser,
)
from ansible_collections.stackwright.nova.plugins.module_utils._keystone_service_endpoint.state import (
    CatalogEndpoint,
    CatalogService,
    Principal,
    State,
)

_UNIQUE = {
    "region": ("id",),
    "role": ("name",),
    "project": ("name", "domain_id"),
    "user": ("name", "domain_id"),
}


class FakeKeystone:
    """An IdentityApi. ``things`` maps kinds to IDs to attributes; ``writes`` counts what was written.

    ``before_write`` is called before each write, which lets another run come between.
    """

    def __init__(self) -> None:
        self.things: dict[str, dict[str, dict[str, Any]]] = {
            kind: {} for kind in ("region", "role", "project", "user", "service", "endpoint")
        }
        self.things["domain"] = {"default": {"id": "default", "name": "Default", "enabled": True}}
        self.assignments: set[tuple[str, str, str]] = set()
        self.writes: list[tuple[str, str]] = []
        self.probes: list[str] = []
        self.password_writes: Counter[str] = Counter()
        self.before_write: Callable[[str, str], None] = lambda action, kind: None
        self.refuse: dict[tuple[str, str], int] = {}
        self._serial = itertools.count(1)

    def read(self, users: Sequence[ServiceUser], trusted: Collection[str] = ()) -> State:
        """See IdentityApi."""
        domains: dict[str, Any] = {}
        for one in self.things["domain"].values():
            domains.update({one["id"]: one, one["name"]: one})
        names = {user.domain for user in users}
        accounts = self._principals("user", {user.name for user in users})
        return State(
            tuple(
                CatalogService(
                    one["id"], one["name"], one["type"], one.get("description", ""), one["enabled"]
                )
                for one in self.things["service"].values()
            ),
            tuple(
                CatalogEndpoint(
                    one["id"],
                    one["service_id"],
                    one["interface"],
                    one["region_id"],
                    one["url"],
                    one["enabled"],
                )
                for one in self.things["endpoint"].values()
            ),
            frozenset(self.things["region"]),
            {name: one["id"] for name, one in domains.items() if name in names},
            self._principals("project", {user.project for user in users}),
            accounts,
            {one["name"]: one["id"] for one in self.things["role"].values()},
            frozenset(self.assignments),
            frozenset(one.id for one in accounts if self._works(one, users, trusted)),
            frozenset(name for name, one in domains.items() if name in names and not one["enabled"]),
        )

    def create(self, kind: str, body: Mapping[str, Any]) -> str:
        """See IdentityApi."""
        self._write("create", kind)
        keys = _UNIQUE.get(kind, ())
        if keys and any(all(one[key] == body[key] for key in keys) for one in self.things[kind].values()):
            raise self.error("create", kind, 409)
        if kind == "endpoint":
            self._require(body)
        made = {"enabled": True, **body}
        made.setdefault("id", f"{kind}-{next(self._serial):04}")
        if kind == "user":
            self.password_writes[made["name"]] += 1
        self.things[kind][made["id"]] = made
        return str(made["id"])

    def update(self, kind: str, id: str, changes: Mapping[str, Any]) -> None:
        """See IdentityApi."""
        self._write("update", kind)
        if id not in self.things[kind]:
            raise self.error("change", kind, 404)
        if kind == "endpoint":
            self._require({**self.things[kind][id], **changes})
        self.things[kind][id].update(changes)
        if "password" in changes:
            self.password_writes[self.things[kind][id]["name"]] += 1

    def delete(self, kind: str, id: str) -> None:
        """See IdentityApi."""
        self._write("delete", kind)
        self.things[kind].pop(id, None)
        if kind == "service":
            endpoints = self.things["endpoint"]
            self.things["endpoint"] = {key: one for key, one in endpoints.items() if one["service_id"] != id}
        if kind == "user":
            self.assignments = {one for one in self.assignments if one[0] != id}

    def assign(self, user_id: str, project_id: str, role_id: str) -> None:
        """See IdentityApi."""
        self._write("assign", "role")
        self.assignments.add((user_id, project_id, role_id))

    def at_once(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        """See IdentityApi; in order, so that tests can tell when another run comes between."""
        return [call() for call in calls]

    @staticmethod
    def error(verb: str, kind: str, status: int) -> ApiError:
        """What an API's refusal becomes."""
        return ApiError(verb, kind, "", f"refused (HTTP {status})", "See the log", status=status)

    def _write(self, action: str, kind: str) -> None:
        self.before_write(action, kind)
        if status := self.refuse.get((action, kind)):
            raise self.error(action, kind, status)
        self.writes.append((action, kind))

    def _require(self, endpoint: Mapping[str, Any]) -> None:
        if endpoint["service_id"] not in self.things["service"]:
            raise self.error("create", "endpoint", 400)
        if endpoint["region_id"] is not None and endpoint["region_id"] not in self.things["region"]:
            raise self.error("create", "endpoint", 400)

    def _principals(self, kind: str, names: Collection[str]) -> tuple[Principal, ...]:
        return tuple(
            Principal(one["id"], one["name"], one["domain_id"], one["enabled"])
            for one in self.things[kind].values()
            if one["name"] in names
        )

    def _works(self, account: Principal, users: Sequence[ServiceUser], trusted: Collection[str]) -> bool:
        if account.id in trusted:
            return True
        given = [one.password for one in users if one.name == account.name and one.password is not None]
        if not given or not account.enabled or not self.things["domain"][str(account.domain_id)]["enabled"]:
            return False
        self.probes.append(account.name)
        return bool(self.things["user"][str(account.id)].get("password") == given[0])
