# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the keys that a host has to those of another. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Any

from .._engine.plan import Plan, Step, in_order
from .client import LocalKeys
from .parameters import Desired
from .state import Keys, State


def plan(desired: Desired, current: State) -> Plan[LocalKeys]:
    """Keys come before others go: Keystone reads them while they change, and must know each token's."""
    if desired.rotate:
        argv = ["keystone-manage", "--config-file", desired.config_file, "fernet_rotate"]
        step = Step[LocalKeys](shlex.join(argv), lambda holder: holder.rotate(desired.config_file))
        return Plan(stages=in_order([step]), before={"rotation": "due"}, after={"rotation": "done"})
    if desired.keys is None:
        keys = {path: dict(found) for path, found in current.keys.items()}
        return Plan(result={"keys": keys, "complete": all(keys.values())})
    return Plan(
        stages=in_order(_steps(desired.keys, current)),
        before=_numbers(current.keys),
        after=_numbers(desired.keys),
    )


def _steps(desired_keys: Keys, current: State) -> Iterator[Step[LocalKeys]]:
    for directory, keys in desired_keys.items():
        there = current.keys.get(directory, {})
        # The staged key, 0, becomes the next primary one everywhere, so it comes last.
        for number in sorted(keys, key=int, reverse=True):
            if there.get(number) != keys[number] or f"{directory}/{number}" in current.open:
                yield _write(directory, number, keys[number])
        for number in sorted(set(there) - set(keys), key=int):
            yield _remove(directory, number)


def _write(directory: str, number: str, key: str) -> Step[LocalKeys]:
    return Step[LocalKeys](
        f"install -m 0600 KEY {directory}/{number}", lambda holder: holder.write(directory, number, key)
    )


def _remove(directory: str, number: str) -> Step[LocalKeys]:
    return Step[LocalKeys](f"rm {directory}/{number}", lambda holder: holder.remove(directory, number))


def _numbers(keys: Keys) -> dict[str, Any]:
    """What a diff may show."""
    return {path: sorted(map(int, found)) for path, found in keys.items() if found}
