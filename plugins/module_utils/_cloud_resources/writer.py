# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the steps of a plan are given: it knows the IDs of what they have made so far."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Callable

from .bodies import ORIGIN
from .client import ResourcesApi
from .parameters import ImageSource
from .rules import Rule
from .sources import opened, origin
from .state import NewResource, ResourceID


class ResourceWriter:
    """Writes to a cloud, with the IDs of what was made meanwhile in the place of new ones."""

    def __init__(
        self,
        api: ResourcesApi,
        content: Callable[[str, ImageSource], AbstractContextManager[BinaryIO]] = opened,
    ) -> None:
        self.created: dict[NewResource, str] = {}
        self._api = api
        self._content = content

    def create(self, new: NewResource, project: ResourceID | None, attributes: Mapping[str, Any]) -> None:
        """Make what ``new`` stands for."""
        known = {name: self._known(value) for name, value in attributes.items()}
        owner = None if project is None else self._id(project)
        self.created[new] = self._api.create(new.kind, new.name, owner, known)

    def create_image(
        self, new: NewResource, project: ResourceID | None, attributes: Mapping[str, Any], source: ImageSource
    ) -> None:
        """Make an image with its content; where that cannot be had, no image either."""
        noted = {ORIGIN: origin(source)} if source.url else {}
        properties = {**attributes.get("properties", {}), **noted}
        with self._content(new.name, source) as content:
            self.create(new, project, {**attributes, "properties": properties})
            self._api.upload(self.created[new], new.name, content)

    def update(self, kind: str, id: ResourceID, name: str, attributes: Mapping[str, Any]) -> None:
        """Change some attributes."""
        known = {option: self._known(value) for option, value in attributes.items()}
        self._api.update(kind, self._id(id), name, known)

    def delete(self, kind: str, id: ResourceID, name: str) -> None:
        """Delete something; nothing happens to what is gone already."""
        self._api.delete(kind, self._id(id), name)

    def attach(self, router: ResourceID, name: str, subnet: ResourceID) -> None:
        """Give a router an interface in a subnet."""
        self._api.attach(self._id(router), name, self._id(subnet))

    def detach(self, router: ResourceID, name: str, subnet: ResourceID) -> None:
        """Take a router's interface off a subnet."""
        self._api.detach(self._id(router), name, self._id(subnet))

    def create_rule(self, group: ResourceID, name: str, rule: Rule) -> None:
        """Add a rule to a security group."""
        self._api.create_rule(self._id(group), name, rule)

    def delete_rule(self, group: ResourceID, name: str, rule: Rule) -> None:
        """Take a rule out of a security group."""
        self._api.delete_rule(self._id(group), name, rule)

    def set_quota(self, service: str, project: ResourceID, name: str, limits: Mapping[str, int]) -> None:
        """Set limits of a project."""
        self._api.set_quota(service, self._id(project), name, limits)

    def _known(self, value: Any) -> Any:
        return self._id(value) if isinstance(value, NewResource) else value

    def _id(self, id: ResourceID) -> str:
        return self.created[id] if isinstance(id, NewResource) else id
