# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From one cloud to the file that has it beside the others. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .._engine.plan import Plan, Step, in_order
from .client import CloudsFiles
from .parameters import Desired
from .state import State


def plan(desired: Desired, current: State) -> Plan[CloudsFiles]:
    """Write the file if the cloud's entry differs or others may read it; what the task does not name stays."""
    clouds = _clouds(desired, current)
    if clouds == current.clouds and (current.mode == desired.mode or desired.entry is None):
        return Plan()
    document = {**current.document, "clouds": clouds}
    return Plan(
        stages=in_order(
            [
                Step[CloudsFiles](
                    f"write {desired.path}", lambda files: files.write(desired.path, document, desired.mode)
                )
            ]
        ),
        before=_side(desired, current.clouds, current.mode),
        after=_side(desired, clouds, desired.mode),
    )


def _clouds(desired: Desired, current: State) -> dict[str, Any]:
    if desired.entry is None:
        return {name: entry for name, entry in current.clouds.items() if name != desired.name}
    return {**current.clouds, desired.name: _merged(current.clouds.get(desired.name), desired.entry)}


def _merged(old: Any, new: Any) -> Any:
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return new
    return {**old, **{name: _merged(old.get(name), value) for name, value in new.items()}}


def _side(desired: Desired, clouds: Mapping[str, Any], mode: int | None) -> dict[str, Any]:
    """One side of the diff: what the task names and no more, because nobody here knows what else is secret."""
    if mode is None:
        return {}
    entry = clouds.get(desired.name)
    named = {} if entry is None else {"clouds": {desired.name: _named(entry, desired.entry or {})}}
    return {"mode": f"{mode:04o}", **named}


def _named(entry: Any, names: Any) -> Any:
    if not isinstance(entry, Mapping) or not isinstance(names, Mapping):
        return entry
    return {name: _named(entry[name], names[name]) for name in names if name in entry}
