# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The five installation guides as data (README.md beside this file has the format)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

SEEDS = Path(__file__).parent
RELEASES = ("juno", "mitaka", "rocky", "victoria", "yoga")
PLACEHOLDER = re.compile(r"\{\{ (\w+(?:\.\w+)+) \}\}")
HERE = "{{ here }}"
SEPARATOR = " > "


def load(name: str) -> Any:
    """One of the YAML files beside this one."""
    return yaml.safe_load((SEEDS / f"{name}.yml").read_text(encoding="utf-8"))


@cache
def guide(release: str) -> Mapping[str, Any]:
    """The guide of a release."""
    return load(release)


def find(facts: Any, pointer: str) -> Any:
    """What a pointer leads to. Raises LookupError where that is nothing."""
    found = facts
    for step in pointer.split(SEPARATOR):
        found = _element(found, step)
    return found


def _element(found: Any, step: str) -> Any:
    if isinstance(found, Mapping) and step in found:
        return found[step]
    for item in found if isinstance(found, list) else ():
        if step == (item["name"] if isinstance(item, Mapping) else item):
            return item
    raise LookupError(f"there is no {step!r}")


def texts(facts: Any) -> Iterator[str]:
    """All texts among the facts."""
    if isinstance(facts, str):
        yield facts
    for part in facts.values() if isinstance(facts, Mapping) else facts if isinstance(facts, list) else ():
        yield from texts(part)


def names(facts: Mapping[str, Any]) -> dict[str, str]:
    """What stands behind each placeholder; behind a secret its name."""
    found = {f"secret.{name}": f"{name}-password" for name in facts.get("secrets", {})}
    for node, place in facts["topology"].items():
        found |= {f"{node}.{key}": value for key, value in place.items() if isinstance(value, str)}
        found |= {f"{node}.interfaces.{key}": value for key, value in place.get("interfaces", {}).items()}
    return found


def resolved(text: str, facts: Mapping[str, Any]) -> str:
    """A text with what its placeholders stand for. Raises KeyError for one that stands for nothing."""
    known = names(facts)
    return PLACEHOLDER.sub(lambda match: known[match[1]], text)


class Option(NamedTuple):
    """One option of a file on a node."""

    node: str
    path: str
    section: str
    name: str
    value: Any

    @property
    def section_pointer(self) -> str:
        return SEPARATOR.join(("nodes", self.node, "options", self.path, self.section))

    @property
    def pointer(self) -> str:
        return f"{self.section_pointer}{SEPARATOR}{self.name}"


def options(facts: Mapping[str, Any]) -> Iterator[Option]:
    """All options, as they ought to be."""
    for node, bill in facts["nodes"].items():
        for path, sections in bill.get("options", {}).items():
            for section, values in sections.items():
                yield from (Option(node, path, section, name, value) for name, value in values.items())


def written_options(facts: Mapping[str, Any]) -> Iterator[Option]:
    """All options as the guide itself writes them: the corrections undone, the gaps left open."""
    corrections = {pointer: entry for entry in facts["corrections"] for pointer in entry["at"]}
    for option in options(facts):
        of_section = corrections.get(option.section_pointer, {})
        of_option = corrections.get(option.pointer, {})
        original = of_option.get("guide", option.value)
        if original is None or of_section.get("kind") == "gap":
            continue
        yield option._replace(
            section=of_section.get("named", option.section),
            name=of_option.get("named", option.name),
            value=resolved(as_text(original).replace(HERE, as_text(option.value)), facts),
        )


def as_text(value: Any) -> str:
    """A value as it stands in a file."""
    if isinstance(value, list):
        return ",".join(map(as_text, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
