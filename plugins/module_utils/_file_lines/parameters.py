# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``file_lines``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.errors import CollectionError
from .._engine.files import mode_bits

ARGUMENTS: dict[str, Any] = {
    "lines": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "regexp": {"type": "str", "required": True},
            "line": {"type": "str", "required": True},
        },
    },
    "plain_files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "content": {"type": "str", "required": True},
            "mode": {"type": "str", "default": "0644"},
        },
    },
    "links": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "path": {"type": "path", "required": True},
            "target": {"type": "path", "required": True},
        },
    },
}


@dataclass(frozen=True)
class Line:
    """The only line of a file that matches ``regexp`` (searched in it); without a match it is the last one."""

    path: str
    regexp: re.Pattern[str]
    text: str


@dataclass(frozen=True)
class WholeFile:
    """A file with this text and these permission bits."""

    path: str
    text: str
    mode: int


@dataclass(frozen=True)
class SymbolicLink:
    """A symbolic link that leads to this target."""

    path: str
    target: str


@dataclass(frozen=True)
class Desired:
    """The lines, in the order in which the task names them, whole files, and symbolic links."""

    lines: tuple[Line, ...]
    files: tuple[WholeFile, ...] = ()
    links: tuple[SymbolicLink, ...] = ()

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, each once."""
        paths = (*(line.path for line in self.lines), *(file.path for file in self.files))
        return tuple(dict.fromkeys(paths))


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as lines, files and links.

    Raises CollectionError for a line that no run would ever find again, a mode that is none, and a file that is to be
    written whole, or be a link, and has something else too.
    """
    result = Desired(
        tuple(_line(**entry) for entry in params["lines"]),
        tuple(
            WholeFile(entry["path"], entry["content"], mode_bits(entry["mode"]))
            for entry in params["plain_files"]
        ),
        tuple(SymbolicLink(entry["path"], entry["target"]) for entry in params["links"]),
    )
    _refuse_both(result)
    return result


def _refuse_both(desired: Desired) -> None:
    alone = [*(file.path for file in desired.files), *(link.path for link in desired.links)]
    paths = Counter([*{line.path for line in desired.lines}, *alone])
    for path, times in paths.items():
        if times > 1:
            raise CollectionError(
                "write",
                "file",
                path,
                "it has its own content, and something else in addition",
                "Name it once",
                code="arguments",
            )


def _line(path: str, regexp: str, line: str) -> Line:
    try:
        pattern = re.compile(regexp)
    except re.error as error:
        raise CollectionError(
            "read", "regular expression", regexp, str(error), "Write it as Python's re module wants it"
        ) from error
    if not pattern.search(line):
        raise CollectionError(
            "set",
            "line",
            line,
            f"its regexp {regexp} does not match it, so each run would add it again",
            "Correct one of the two",
            code="arguments",
        )
    return Line(path, pattern, line)
