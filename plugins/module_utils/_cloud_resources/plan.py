# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The decisions: what to make, to change and to delete, and what is refused because no API does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._engine.draft import Pending
from .._engine.errors import CollectionError
from .._engine.plan import Plan, in_order
from .draft import REFERENCES, ResourceDraft
from .parameters import KINDS, QUOTA, Desired, ResourceSpec
from .sources import is_content
from .state import CloudResource, LocalFile, State
from .writer import ResourceWriter

# What is needed to make one, and what no API changes afterwards.
_REQUIRED: Mapping[str, tuple[str, ...]] = {
    "flavor": ("ram",),
    "keypair": ("public_key",),
    "image": ("disk_format",),
    "subnet": ("network", "cidr"),
}
_FIXED: Mapping[str, tuple[str, ...]] = {
    "flavor": ("vcpus", "ram", "disk", "ephemeral", "swap", "public"),
    "keypair": ("public_key",),
    "image": ("disk_format", "container_format"),
    "network": ("provider_network_type", "provider_physical_network", "provider_segmentation_id"),
    "subnet": ("network", "cidr"),
}
_OWNERS: Mapping[str, str] = {"flavor": "Nova", "keypair": "Nova", "image": "Glance"}
_OTHER_OWNER = "Neutron"
_IMAGE_DEFAULTS = {"container_format": "bare"}
# States of an image that somebody is writing, and of one whose content never came.
_IN_WORK = ("saving", "uploading", "importing")
_EMPTY = ("queued", "killed")


@dataclass(frozen=True)
class ResourcesPlan(Plan[ResourceWriter]):
    """A plan that knows which parts of its result are still to be made: option and position to what is new."""

    new: Mapping[tuple[str, int], Pending] = field(default_factory=dict)

    def result_with(self, created: Mapping[Pending, str]) -> dict[str, Any]:
        """The result with the IDs of what was made."""
        return {
            option: [
                {**one, "id": created.get(self.new[option, place], one["id"])}
                if (option, place) in self.new
                else one
                for place, one in enumerate(listed)
            ]
            for option, listed in self.result.items()
        }


def plan(desired: Desired, current: State) -> ResourcesPlan:
    """The steps that lead from ``current`` to ``desired``.

    Raises CollectionError for what cannot be changed, and for a name that several things have.
    """
    draft = ResourceDraft(current)
    before = {_label(spec): _described(spec, draft, current.files) for spec in desired.specs}
    for spec in reversed(desired.specs):
        found = None if spec.present else draft.find(spec)
        if found:
            draft.delete(found)
    for spec in desired.specs:
        if spec.present:
            _settle(spec, draft, current.files)
    after = {_label(spec): _described(spec, draft, current.files) for spec in desired.specs}
    listed, new = _result(desired, draft, after)
    return ResourcesPlan(
        stages=in_order(draft.steps),
        before={label: one for label, one in before.items() if one is not None},
        after={label: one for label, one in after.items() if one is not None},
        result=listed,
        # One that several need is said once.
        unmet=tuple({str(error): error for error in draft.unmet}.values()),
        new=new,
    )


def _settle(spec: ResourceSpec, draft: ResourceDraft, files: Mapping[str, LocalFile | None]) -> None:
    """Make one thing, or change what differs."""
    _require_files(spec, draft, files)
    if spec.kind == QUOTA:
        _settle_quota(spec, draft)
        return
    attributes = _resolved(spec, draft, files)
    found = draft.find(spec)
    if found:
        found = _changed(spec, found, attributes, draft, files)
    if not found:
        found = _made(spec, attributes, draft)
    for name in spec.subnets:
        subnet = draft.reference("subnet", name, spec)
        if subnet not in found.subnets:
            draft.attach(found, subnet)
    for rule, present in spec.rules:
        if present and rule not in found.rules:
            draft.create_rule(found, rule)
        elif not present and rule in found.rules:
            draft.delete_rule(found, rule)


def _made(spec: ResourceSpec, attributes: Mapping[str, Any], draft: ResourceDraft) -> CloudResource:
    missing = [option for option in _REQUIRED.get(spec.kind, ()) if option not in attributes]
    if spec.kind == "image" and not spec.source:
        missing.append("file or url")
    if missing:
        cause = f"it is not there, and what it needs is not given: {', '.join(missing)}"
        draft.unmet.append(
            CollectionError("create", spec.kind, spec.name, cause, "Give it", code="not_found")
        )
    defaults = _IMAGE_DEFAULTS if spec.kind == "image" else {}
    return draft.create(spec, {**defaults, **attributes})


def _changed(
    spec: ResourceSpec,
    found: CloudResource,
    attributes: Mapping[str, Any],
    draft: ResourceDraft,
    files: Mapping[str, LocalFile | None],
) -> CloudResource | None:
    """Change what differs; None where it must be recreated and was deleted for that."""
    changes = _differences(attributes, found.attributes)
    fixed = [option for option in _FIXED.get(spec.kind, ()) if option in changes]
    reasons = [f"its {option} is {draft.named(spec.kind, found.attributes).get(option)}" for option in fixed]
    if spec.source and found.content:
        if found.content.status in _IN_WORK:
            remedy = f"Wait for the end; if it does not come, delete it (openstack image delete {found.id})"
            raise CollectionError(
                "use", spec.kind, spec.name, "its content is still on its way", remedy, code="busy"
            )
        if found.content.status in _EMPTY:
            draft.delete(found)
            return None
        if not is_content(spec.source, found.content, files):
            reasons.append(f"its content is not that of {spec.source}")
            fixed.append("content")
    if fixed and not spec.recreate:
        raise _unchangeable(spec, reasons, fixed)
    if fixed:
        draft.delete(found)
        return None
    if changes:
        draft.update(spec, found, changes)
    return found


def _unchangeable(spec: ResourceSpec, reasons: list[str], fixed: list[str]) -> CollectionError:
    owner = _OWNERS.get(spec.kind, _OTHER_OWNER)
    what = (
        f"no {spec.kind}"
        if spec.kind in ("flavor", "keypair")
        else f"no {' or '.join(fixed)} of {_article(spec.kind)}"
    )
    ways = {
        "flavor": "Give the new one another name, or set recreate: instances keep what they have",
        "keypair": "Give the new one another name, or set recreate: instances keep the key that they have",
        "image": "Give the new one another name, or set recreate, which deletes the old one",
    }
    remedy = ways.get(spec.kind, "Give the new one another name, or remove the old one first (state: absent)")
    return CollectionError(
        "change",
        spec.kind,
        spec.name,
        f"{' and '.join(reasons)}, and {owner} changes {what}",
        remedy,
        code="fixed",
        fixed=fixed,
    )


def _settle_quota(spec: ResourceSpec, draft: ResourceDraft) -> None:
    found = draft.find(spec)
    for service, limits in spec.attributes.items():
        there = found.attributes[service] if found else {}
        unknown = sorted(limits.keys() - there.keys()) if found else []
        if unknown:
            owner = "Nova" if service == "compute" else "Neutron"
            cause = f"{owner} has no limit {', '.join(unknown)}"
            known = ", ".join(sorted(there.keys() - {"id"}))
            raise CollectionError("set", "quota", spec.name, cause, f"Give any of {known}", code="invalid")
        changes = {name: limit for name, limit in limits.items() if there.get(name) != limit}
        if changes:
            draft.set_quota(spec, service, changes)


def _resolved(
    spec: ResourceSpec, draft: ResourceDraft, files: Mapping[str, LocalFile | None]
) -> dict[str, Any]:
    """The attributes with IDs in the place of names, and a key in the place of its file."""
    references = REFERENCES.get(spec.kind, {})
    attributes = {
        option: draft.reference(references[option], value, spec) if option in references and value else value
        for option, value in spec.attributes.items()
    }
    key = files.get(spec.key_file)
    if spec.key_file:
        attributes["public_key"] = key.text if key else ""
    return attributes


def _require_files(spec: ResourceSpec, draft: ResourceDraft, files: Mapping[str, LocalFile | None]) -> None:
    paths = [spec.key_file, spec.source.file if spec.source else ""]
    for path in paths:
        if path and not files.get(path):
            cause, remedy = f"{spec} needs it, and this host has none", "Put it there, or correct the path"
            draft.unmet.append(CollectionError("read", "file", path, cause, remedy, code="not_found"))


def _differences(given: Mapping[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """What differs; of mappings (extra specs, properties) single entries."""
    changes: dict[str, Any] = {}
    for option, value in given.items():
        old = there.get(option)
        if isinstance(value, Mapping):
            inner = {key: text for key, text in value.items() if (old or {}).get(key) != text}
            if inner:
                changes[option] = inner
        elif old != value:
            changes[option] = value
    return changes


def _label(spec: ResourceSpec) -> str:
    return f"{spec}" + (f" of project {spec.project}" if spec.project and spec.kind != QUOTA else "")


def _described(
    spec: ResourceSpec, draft: ResourceDraft, files: Mapping[str, LocalFile | None]
) -> dict[str, Any] | None:
    """What a person asked about one thing, as it is; of one that shall go, all. None for one that is not there."""
    found = draft.find(spec)
    if found is None:
        return None
    attributes = draft.named(spec.kind, found.attributes)
    if not spec.present:
        return attributes
    facts: dict[str, Any] = {}
    for option, value in spec.attributes.items():
        there = attributes.get(option)
        if isinstance(value, Mapping):
            there = {key: there[key] for key in value if there and there.get(key) is not None}
        facts[option] = there
    if spec.key_file:
        facts["public_key"] = attributes["public_key"]
    if spec.subnets:
        names = [draft.name("subnet", one) for one in found.subnets]
        facts["subnets"] = sorted(name for name in names if name in spec.subnets)
    if spec.rules:
        facts["rules"] = sorted(str(rule) for rule, _present in spec.rules if rule in found.rules)
    if spec.source and found.content:
        empty = found.content.status in _EMPTY
        same = isinstance(found.id, Pending) or is_content(spec.source, found.content, files)
        facts["content"] = "missing" if empty else str(spec.source) if same else "another"
    return facts


def _result(
    desired: Desired, draft: ResourceDraft, after: Mapping[str, dict[str, Any] | None]
) -> tuple[dict[str, list[dict[str, Any]]], dict[tuple[str, int], Pending]]:
    listed: dict[str, list[dict[str, Any]]] = {option: [] for option in KINDS}
    new: dict[tuple[str, int], Pending] = {}
    for option, kind in KINDS.items():
        for place, spec in enumerate(desired.of(kind)):
            found = draft.find(spec)
            id = found.id if found else None
            if isinstance(id, Pending):
                new[option, place] = id
                id = None
            named = {} if kind == QUOTA else {"name": spec.name}
            state = after[_label(spec)] if spec.present else None
            listed[option].append({**named, "id": id, **(state or {})})
    return listed, new


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
