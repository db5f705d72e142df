# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client that the steps for resources are carried out on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, BinaryIO, Callable

from .._engine.draft import ID, Pending, ResolvingWriter
from .bodies import ORIGIN
from .client import ResourcesApi
from .parameters import ImageSource
from .rules import Rule
from .sources import opened, origin


class ResourceWriter(ResolvingWriter):
    """Writes to a cloud; ``content`` opens what an image is made of."""

    def __init__(
        self,
        api: ResourcesApi,
        content: Callable[[str, ImageSource], AbstractContextManager[BinaryIO]] = opened,
    ) -> None:
        super().__init__()
        self.api = api
        self._content = content

    def create(self, new: Pending, project: ID | None, attributes: Mapping[str, Any]) -> None:
        """Make what ``new`` stands for."""
        owner = None if project is None else self.id(project)
        self.made(new, self.api.create(new.kind, new.name, owner, self.resolved(attributes)))

    def create_image(
        self, new: Pending, project: ID | None, attributes: Mapping[str, Any], source: ImageSource
    ) -> None:
        """Make an image with its content; where that cannot be had, no image either."""
        noted = {ORIGIN: origin(source)} if source.url else {}
        properties = {**attributes.get("properties", {}), **noted}
        with self._content(new.name, source) as content:
            self.create(new, project, {**attributes, "properties": properties})
            self.api.upload(self.created[new], new.name, content)

    def update(self, kind: str, id: ID, name: str, attributes: Mapping[str, Any]) -> None:
        """Change some attributes."""
        self.api.update(kind, self.id(id), name, self.resolved(attributes))

    def delete(self, kind: str, id: ID, name: str) -> None:
        """Delete something; nothing happens to what is gone already."""
        self.api.delete(kind, self.id(id), name)

    def attach(self, router: ID, name: str, subnet: ID) -> None:
        """Give a router an interface in a subnet."""
        self.api.attach(self.id(router), name, self.id(subnet))

    def detach(self, router: ID, name: str, subnet: ID) -> None:
        """Take a router's interface off a subnet."""
        self.api.detach(self.id(router), name, self.id(subnet))

    def create_rule(self, group: ID, name: str, rule: Rule) -> None:
        """Add a rule to a security group."""
        self.api.create_rule(self.id(group), name, rule)

    def delete_rule(self, group: ID, name: str, rule: Rule) -> None:
        """Take a rule out of a security group."""
        self.api.delete_rule(self.id(group), name, rule)

    def set_quota(self, service: str, project: ID, name: str, limits: Mapping[str, int]) -> None:
        """Set limits of a project."""
        self.api.set_quota(service, self.id(project), name, limits)
