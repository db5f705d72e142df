# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``file_lines``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..engine.errors import CollectionError

ARGUMENTS: dict[str, Any] = {
    "lines": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "path", "required": True},
            "regexp": {"type": "str", "required": True},
            "line": {"type": "str", "required": True},
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
class Desired:
    """The lines, in the order in which the task names them."""

    lines: tuple[Line, ...]

    @property
    def paths(self) -> tuple[str, ...]:
        """The files, each once."""
        return tuple(dict.fromkeys(line.path for line in self.lines))


def desired(lines: Iterable[Mapping[str, str]]) -> Desired:
    """The arguments as lines. Raises CollectionError for a line that no run would ever find again."""
    return Desired(tuple(_line(**entry) for entry in lines))


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
