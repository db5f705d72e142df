# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the steps of a registration are carried out on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._engine.draft import ID, Pending, ResolvingWriter
from .client import IdentityApi


class CatalogWriter(ResolvingWriter):
    """Writes to Keystone; ``users_with_password`` are the IDs of the users whose password it has written."""

    def __init__(self, api: IdentityApi) -> None:
        super().__init__()
        self.users_with_password: set[str] = set()
        self.api = api

    def create(self, pending: Pending, body: Mapping[str, Any]) -> None:
        """Create what ``pending`` stands for."""
        created = self.api.create(pending.kind, self.resolved(body))
        self.made(pending, created)
        self._note_password(created, body)

    def update(self, kind: str, id: ID, changes: Mapping[str, Any]) -> None:
        """Change some attributes."""
        self.api.update(kind, self.id(id), self.resolved(changes))
        self._note_password(self.id(id), changes)

    def delete(self, kind: str, id: ID) -> None:
        """Delete; nothing happens to what is gone already."""
        self.api.delete(kind, self.id(id))

    def assign(self, user_id: ID, project_id: ID, role_id: ID) -> None:
        """Give a user a role on a project; nothing happens if it has it."""
        self.api.assign(self.id(user_id), self.id(project_id), self.id(role_id))

    def _note_password(self, id: str, attributes: Mapping[str, Any]) -> None:
        if "password" in attributes:
            self.users_with_password.add(id)
