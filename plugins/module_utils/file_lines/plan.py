# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to write so that each has its lines: a pure decision over their texts."""

from __future__ import annotations

from collections.abc import Iterable

from ..engine.files import KEEP, FileStore, StoredFile, rendered
from ..engine.plan import Plan, Step
from .parameters import Desired, Line, WholeFile
from .state import State

_NEW_MODE = 0o644


def plan(desired: Desired, current: State) -> Plan[FileStore]:
    """Replace each file that lacks one of its lines, with the owner and mode that it has, or differs as a whole."""
    edited = {
        line.path: _with_lines(current.text(line.path), line.path, desired.lines) for line in desired.lines
    }
    whole = {file.path: file for file in desired.files if _differs(file, current.files.get(file.path))}
    changed = {path: text for path, text in edited.items() if text != current.text(path)}
    changed |= {path: file.text for path, file in whole.items()}
    return Plan(
        steps=tuple(
            write(path, text, _mode(whole.get(path), current.files.get(path)))
            for path, text in changed.items()
        ),
        before=rendered({path: current.text(path) for path in changed if path in current.files}),
        after=rendered(changed),
        result={"paths_changed": list(changed)},
    )


def write(path: str, text: str, mode: int) -> Step[FileStore]:
    """Another text for a file, or a new file."""
    return Step[FileStore](
        f"write {path}", lambda files: files.write(path, text, KEEP, mode=mode, backup=False)
    )


def _differs(file: WholeFile, stored: StoredFile | None) -> bool:
    return stored is None or (stored.text, stored.mode) != (file.text, file.mode)


def _mode(file: WholeFile | None, stored: StoredFile | None) -> int:
    """The mode that a file shall have; that which it has where only lines of it are told."""
    if file:
        return file.mode
    return stored.mode if stored else _NEW_MODE


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
