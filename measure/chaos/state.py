# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of a cloud by its content, and what two states differ in."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from watched.runs import Lab

_SCRIPT = Path(__file__).with_name("collect_state.py")

# Host and section ("compute1 files") to name to content.
State = Mapping[str, Mapping[str, Any]]


def read(lab: Lab) -> State:
    """The state of all hosts of a lab, read side by side."""
    script = _SCRIPT.read_text()
    with ThreadPoolExecutor() as workers:
        outputs = workers.map(lambda host: lab.ssh(host, "python3 -", stdin=script), lab.hosts)
        states = dict(zip(lab.hosts, map(json.loads, outputs)))
    return {f"{host} {part}": content for host, state in states.items() for part, content in state.items()}


def size(state: State) -> Mapping[str, int]:
    """How many things were compared, by kind."""
    counts: Counter[str] = Counter()
    for section, content in state.items():
        for value in content.values():
            counts[section.split()[1]] += len(value) if isinstance(value, list) else 1
    return counts


def differences(expected: State, found: State) -> list[str]:
    """What differs, a line each."""
    lines = []
    for section in sorted({*expected, *found}):
        before, after = expected.get(section, {}), found.get(section, {})
        for name in sorted({*before, *after}):
            if before.get(name) != after.get(name):
                lines.append(f"{section}: {name}: {_difference(before.get(name), after.get(name))}")
    return lines


def _difference(before: Any, after: Any) -> str:
    if isinstance(before, list) and isinstance(after, list):
        missing, surplus = Counter(before) - Counter(after), Counter(after) - Counter(before)
        return f"without {list(missing.elements())}, in addition {list(surplus.elements())}"
    return f"{before} became {after}"
