# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A working copy of what a cloud has of flavors, networks, images and the like."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Callable

from .._engine.draft import ID, Draft, Pending
from .._engine.errors import CollectionError
from .._engine.plan import Step
from . import commands
from .parameters import ResourceSpec
from .rules import NEW_GROUP_RULES, Rule
from .state import CloudResource, ImageContent, State
from .writer import ResourceWriter

# Attributes that hold the ID of something else, and what that is.
REFERENCES: Mapping[str, Mapping[str, str]] = {
    "subnet": {"network": "network"},
    "router": {"external_network": "network"},
}


class ResourceDraft(Draft[Step[ResourceWriter]]):
    """The cloud as it is currently, with changes. ``unmet``: what steps need and what is not there."""

    def __init__(self, current: State) -> None:
        super().__init__()
        self.unmet: list[CollectionError] = []
        self._projects = dict(current.projects)
        self._resources: dict[tuple[str, ID], CloudResource] = {
            (one.kind, one.id): one for one in current.resources
        }

    def find(self, spec: ResourceSpec) -> CloudResource | None:
        """What a spec is about. Raises CollectionError where there are several of its name."""
        if spec.kind == "quota":
            return self._resources.get(("quota", self.project(spec)))
        project = self._owner(spec)
        named = self._named(spec.kind, spec.name)
        return self._only(spec.kind, spec.name, [one for one in named if one.project == project])

    def project(self, spec: ResourceSpec) -> ID:
        """The ID of the project of a spec."""
        if spec.project not in self._projects:
            cause, remedy = "Keystone has none of that name or ID", "Create it, or name another one"
            self.unmet.append(_not_found("project", str(spec.project), cause, remedy))
            self._projects[spec.project] = Pending("project", str(spec.project))
        return self._projects[spec.project]

    def reference(self, kind: str, name: str, spec: ResourceSpec) -> ID:
        """The ID of what a spec names, of its own project or else of any."""
        project = self.project(spec)
        named = self._named(kind, name)
        found = self._only(kind, name, [one for one in named if one.project == project] or named)
        if found:
            return found.id
        cause = f"{spec} needs it, and the cloud has none of that name"
        self.unmet.append(_not_found(kind, name, cause, "Create it, or name another one"))
        return Pending(kind, name, project)

    def name(self, kind: str, id: ID) -> str:
        """The name of something, as far as it is known."""
        found = self._resources.get((kind, id))
        return found.name if found else id.name if isinstance(id, Pending) else id

    def create(self, spec: ResourceSpec, attributes: Mapping[str, Any]) -> CloudResource:
        """Make what a spec describes, an image with its content; ``attributes`` are resolved."""
        project = self._owner(spec)
        new = Pending(spec.kind, spec.name, project)
        # Whoever logs in to a project need not name it.
        named = project if spec.project is not None else None
        self._step(
            commands.create(spec, self.named(spec.kind, attributes)), _creation(spec, new, named, attributes)
        )
        made = CloudResource(spec.kind, new, spec.name, project, dict(attributes))
        if spec.kind == "image":
            made = replace(made, content=ImageContent())
        if spec.kind == "security group":
            made = replace(made, rules=dict.fromkeys(NEW_GROUP_RULES, ""))
        self._resources[spec.kind, new] = made
        return made

    def update(self, spec: ResourceSpec, found: CloudResource, changes: Mapping[str, Any]) -> None:
        """Change some attributes."""
        self._step(
            commands.change(spec, self.named(spec.kind, changes)),
            lambda writer: writer.update(found.kind, found.id, found.name, changes),
        )
        merged = {
            option: {**found.attributes.get(option, {}), **value} if isinstance(value, Mapping) else value
            for option, value in changes.items()
        }
        self._put(found, attributes={**found.attributes, **merged})

    def delete(self, found: CloudResource) -> None:
        """Delete something, and what is a part of it."""
        for subnet in found.subnets:
            self._step(
                commands.interface("remove", found.name, self.name("subnet", subnet)),
                _detach_call(found, subnet),
            )
        self._step(
            commands.delete(found.kind, found.name),
            lambda writer: writer.delete(found.kind, found.id, found.name),
        )
        del self._resources[found.kind, found.id]
        for one in list(self._resources.values()):
            if one.kind == "subnet" and one.attributes.get("network") == found.id:
                del self._resources[one.kind, one.id]

    def attach(self, router: CloudResource, subnet: ID) -> None:
        """Give a router an interface in a subnet."""
        self._step(
            commands.interface("add", router.name, self.name("subnet", subnet)),
            lambda writer: writer.attach(router.id, router.name, subnet),
        )
        self._put(router, subnets=(*self._now(router).subnets, subnet))

    def create_rule(self, group: CloudResource, rule: Rule) -> None:
        """Add a rule to a security group."""
        self._step(
            commands.create_rule(group.name, rule),
            lambda writer: writer.create_rule(group.id, group.name, rule),
        )
        self._put(group, rules={**self._now(group).rules, rule: ""})

    def delete_rule(self, group: CloudResource, rule: Rule) -> None:
        """Take a rule out of a security group."""
        rules = self._now(group).rules
        self._step(
            commands.delete_rule(rules[rule] or f"{rule} of {group.name}"),
            lambda writer: writer.delete_rule(group.id, group.name, rule),
        )
        self._put(group, rules={one: rules[one] for one in rules if one != rule})

    def set_quota(self, spec: ResourceSpec, service: str, limits: Mapping[str, int]) -> None:
        """Set limits of a project."""
        project = self.project(spec)
        self._step(
            commands.set_quota(spec.project or self.name("project", project), limits),
            lambda writer: writer.set_quota(service, project, spec.name, limits),
        )
        there = self.find(spec) or CloudResource("quota", project, spec.name, project)
        changed = {**there.attributes.get(service, {}), **limits}
        self._resources["quota", project] = replace(there, attributes={**there.attributes, service: changed})

    def named(self, kind: str, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes with names in the place of IDs, for people."""
        references = REFERENCES.get(kind, {})
        return {
            option: self.name(references[option], value) if option in references and value else value
            for option, value in attributes.items()
        }

    def _owner(self, spec: ResourceSpec) -> ID | None:
        return None if spec.kind in ("flavor", "keypair") else self.project(spec)

    def _named(self, kind: str, name: str) -> list[CloudResource]:
        return [one for one in self._resources.values() if (one.kind, one.name) == (kind, name)]

    def _only(self, kind: str, name: str, found: Sequence[CloudResource]) -> CloudResource | None:
        if len(found) > 1:
            ids = sorted(str(one.id) for one in found)
            cause = f"there are {len(ids)} of that name ({', '.join(ids)})"
            remedy = "Rename or delete all but the one that is meant"
            raise CollectionError("choose", kind, name, cause, remedy, code="duplicate", ids=ids)
        return found[0] if found else None

    def _now(self, one: CloudResource) -> CloudResource:
        return self._resources[one.kind, one.id]

    def _put(self, one: CloudResource, **parts: Any) -> None:
        self._resources[one.kind, one.id] = replace(self._now(one), **parts)

    def _step(self, words: Iterable[str], call: Callable[[ResourceWriter], object]) -> None:
        first, *further = words
        self.add(Step[ResourceWriter](first, call, further_commands=tuple(further)))


def _creation(
    spec: ResourceSpec, new: Pending, project: ID | None, attributes: Mapping[str, Any]
) -> Callable[[ResourceWriter], object]:
    source = spec.source
    if source:
        return lambda writer: writer.create_image(new, project, attributes, source)
    return lambda writer: writer.create(new, project, attributes)


def _detach_call(router: CloudResource, subnet: ID) -> Callable[[ResourceWriter], object]:
    return lambda writer: writer.detach(router.id, router.name, subnet)


def _not_found(kind: str, name: str, cause: str, remedy: str) -> CollectionError:
    return CollectionError("find", kind, name, cause, remedy, code="not_found")
