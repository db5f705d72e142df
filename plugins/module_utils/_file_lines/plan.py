# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which files to write so that each has its lines, and which links to make: a pure decision over what is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .._engine.files import KEEP, FileStore, StoredFile, rendered
from .._engine.plan import Plan, Step, in_order
from .parameters import Desired, Line, SymbolicLink, WholeFile
from .state import State

_NEW_MODE = 0o644


def plan(desired: Desired, current: State) -> Plan[FileStore]:
    """Replace each file that lacks one of its lines, with the owner and mode that it has, or differs as a whole.

    Links come last: what they lead to may be one of the files.
    """
    whole = {file.path: file for file in desired.files}
    after = {path: whole.get(path) or _with_lines(path, desired.lines, current) for path in desired.paths}
    changed = {path: file for path, file in after.items() if _differs(file, current.files.get(path))}
    links = [link for link in desired.links if current.links.get(link.path) != link.target]
    former = {link.path: current.links[link.path] for link in links if link.path in current.links}
    return Plan(
        stages=in_order((*map(write, changed.values()), *map(make_link, links))),
        before=rendered(
            {path: current.text(path) for path in changed if path in current.files} | _arrows(former)
        ),
        after=rendered(
            {path: file.text for path, file in changed.items()}
            | _arrows({link.path: link.target for link in links})
        ),
        result={"paths_changed": [*changed, *(link.path for link in links)]},
    )


def write(file: WholeFile) -> Step[FileStore]:
    """Another text or mode for a file, or a new file."""
    return Step[FileStore](
        f"write {file.path}",
        lambda files: files.write(file.path, file.text, KEEP, mode=file.mode, backup=False),
    )


def make_link(link: SymbolicLink) -> Step[FileStore]:
    """A symbolic link, in place of one that leads elsewhere."""
    return Step[FileStore](
        f"ln --symbolic --force --no-dereference {link.target} {link.path}",
        lambda files: files.link(link.path, link.target),
    )


def _arrows(links: Mapping[str, str]) -> dict[str, str]:
    """Links as a diff has them, path to a line."""
    return {path: f"-> {target}\n" for path, target in links.items()}


def _differs(file: WholeFile, stored: StoredFile | None) -> bool:
    return stored is None or (stored.text, stored.mode) != (file.text, file.mode)


def _with_lines(path: str, lines: Iterable[Line], current: State) -> WholeFile:
    """The file with those of the lines that belong to it, and the mode that it has."""
    mode = current.files[path].mode if path in current.files else _NEW_MODE
    return WholeFile(path, _edited(current.text(path), path, lines), mode)


def _edited(text: str, path: str, lines: Iterable[Line]) -> str:
    """The text with those of the lines that belong to this path."""
    edited = text.removesuffix("\n").split("\n") if text else []
    for line in lines:
        if line.path == path:
            matches = [index for index, present in enumerate(edited) if line.regexp.search(present)]
            # Where a setting stands twice, programs use the last one.
            position = matches[-1] if matches else len(edited)
            edited[position : position + 1] = [line.text]
            for index in reversed(matches[:-1]):
                del edited[index]
    return "".join(f"{line}\n" for line in edited)
