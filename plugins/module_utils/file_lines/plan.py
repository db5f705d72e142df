# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to write so that each has its lines: a pure decision over their texts."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.files import KEEP, FileStore, StoredFile, rendered
from ..engine.plan import Plan, Step
from .parameters import Desired, Line
from .state import State

_NEW_MODE = 0o644


def plan(desired: Desired, current: State) -> Plan[FileStore]:
    """Replace each file that lacks one of its lines, at once and with the owner and mode that it has."""
    edited = {path: _with_lines(current.text(path), path, desired.lines) for path in desired.paths}
    changed = {path: text for path, text in edited.items() if text != current.text(path)}
    return Plan(
        steps=tuple(write(path, text, current.files.get(path)) for path, text in changed.items()),
        before=rendered({path: current.text(path) for path in changed if path in current.files}),
        after=rendered(changed),
        result={"paths_changed": list(changed)},
    )


def write(path: str, text: str, stored: StoredFile | None) -> Step[FileStore]:
    """Another text for a file, or a new file."""
    mode = stored.mode if stored else _NEW_MODE
    return Step[FileStore](
        f"write {path}", lambda files: files.write(path, text, KEEP, mode=mode, backup=False)
    )


def _with_lines(text: str, path: str, lines: Iterable[Line]) -> str:
    """The text with those of the lines that belong to this path."""
    edited = text.removesuffix("\n").split("\n") if text else []
    for line in lines:
        if line.path == path:
            matches = [index for index, present in enumerate(edited) if line.regexp.search(present)]
            # Where a setting stands twice, programs go by the last one.
            position = matches[-1] if matches else len(edited)
            edited[position : position + 1] = [line.text]
            for index in reversed(matches[:-1]):
                del edited[index]
    return "".join(f"{line}\n" for line in edited)
