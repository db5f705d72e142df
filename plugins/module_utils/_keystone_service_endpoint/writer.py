# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the steps of a plan are given: it knows the IDs of what they have created so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .client import IdentityApi
from .state import ID, Pending


class CatalogWriter:
    """Writes to Keystone, with the IDs of what was created meanwhile in the place of Pending ones.

    ``users_with_password`` are the IDs of the users whose password it has written. Several threads may use it.
    """

    def __init__(self, api: IdentityApi) -> None:
        self.users_with_password: set[str] = set()
        self._api = api
        self._created: dict[Pending, str] = {}

    def create(self, pending: Pending, body: Mapping[str, Any]) -> None:
        """Create what ``pending`` stands for."""
        created = self._api.create(pending.kind, self._resolved(body))
        self._created[pending] = created
        self._note_password(created, body)

    def update(self, kind: str, id: ID, changes: Mapping[str, Any]) -> None:
        """Change some attributes."""
        self._api.update(kind, self._id(id), self._resolved(changes))
        self._note_password(self._id(id), changes)

    def delete(self, kind: str, id: ID) -> None:
        """Delete; nothing happens to what is gone already."""
        self._api.delete(kind, self._id(id))

    def assign(self, user_id: ID, project_id: ID, role_id: ID) -> None:
        """Give a user a role on a project; nothing happens if it has it."""
        self._api.assign(self._id(user_id), self._id(project_id), self._id(role_id))

    def _note_password(self, id: str, attributes: Mapping[str, Any]) -> None:
        if "password" in attributes:
            self.users_with_password.add(id)

    def _resolved(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: self._id(value) if isinstance(value, Pending) else value
            for name, value in attributes.items()
        }

    def _id(self, id: ID) -> str:
        return self._created[id] if isinstance(id, Pending) else id
