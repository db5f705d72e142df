# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two plans of one playbook beside each other."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

Plan = Mapping[str, Sequence[Mapping[str, Any]]]
"""Host to what is done there, in order."""
_LABELS = ("path", "name", "dest")
_NONE = "(none)"


def differences(kept: Plan, now: Plan) -> list[str]:
    """One line for each difference, [] where the plans are the same."""
    found: list[str] = []
    for host in sorted({*kept, *now}):
        lines = list(_of_host(kept.get(host, ()), now.get(host, ())))
        found += [f"{host}: {line}" for line in lines]
    return found


def title(effect: Mapping[str, Any]) -> str:
    """A name for an effect, by what it is done to."""
    subject = effect.get("dest") or effect.get("service") or effect.get("stage") or effect.get("user") or ""
    for name in ("files", "plain_files", "lines", "units", "services", "databases"):
        items = effect.get(name)
        if not subject and items and isinstance(items, list):
            first = items[0]
            subject = _label(first) if isinstance(first, Mapping) else first
    return f"{effect['kind']} {subject}".strip()


def _of_host(kept: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    titles = [[title(each) for each in effects] for effects in (kept, now)]
    for tag, a, b, c, d in SequenceMatcher(None, *titles, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (f"- {name}: is not done any more (at {a + 1})" for name in titles[0][a:b])
            yield from (f"+ {name}: is new (at {c + 1})" for name in titles[1][c:d])
            continue
        for before, after in zip(kept[a:b], now[c:d]):
            yield from (f"{title(before)}: {line}" for line in _changes(leaves(before), leaves(after)))


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for place in dict.fromkeys([*before, *after]):
        old, new = before.get(place, _NONE), after.get(place, _NONE)
        if old != new:
            yield f"{place}: {_text(old)} -> {_text(new)}"


def leaves(value: Any, place: str = "") -> dict[str, Any]:
    """Each value by its place. The order of a list whose items have names is one value more."""
    if isinstance(value, Mapping):
        parts = [(f"{place}/{name}" if place else str(name), item) for name, item in value.items()]
    elif isinstance(value, list) and value:
        names = _names(value)
        parts = [(f"{place}[{name}]", item) for name, item in zip(names, value)]
        parts.append((f"{place} (order)", ", ".join(names)))
    else:
        return {place: value}
    found: dict[str, Any] = {}
    for where, item in parts:
        found.update(leaves(item, where))
    return found


def _names(items: Sequence[Any]) -> list[str]:
    """Names of the items of a list, each once."""
    seen: dict[str, int] = {}
    names = []
    for number, item in enumerate(items):
        name = _label(item) if isinstance(item, Mapping) else str(number)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}#{seen[name]}")
    return names


def _label(item: Mapping[str, Any]) -> str:
    return next((str(item[name]) for name in _LABELS if name in item), "")


def _text(value: Any) -> str:
    return value if value == _NONE else json.dumps(value)
