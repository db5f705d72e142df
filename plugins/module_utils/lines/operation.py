# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``file_lines``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..engine.errors import CollectionError
from ..engine.files import KEEP, FileStore, LocalFiles, StoredFile
from ..engine.plan import Plan
from ..engine.redact import Redactor
from ..engine.runner import Operation
from .plan import Line, plan_lines

_NEW_MODE = 0o644


class FileLines(Operation):
    """Single lines of any number of files."""

    def __init__(self, lines: Sequence[Line], files: FileStore) -> None:
        self._lines = lines
        self.files = files

    def read(self) -> Mapping[str, StoredFile]:
        """The files that exist, by path."""
        stored = {line.path: self.files.read(line.path) for line in self._lines}
        return {path: file for path, file in stored.items() if file is not None}

    def plan(self, current: Mapping[str, StoredFile]) -> Plan:
        """See ``plan_lines``."""
        return plan_lines(self._lines, {path: file.text for path, file in current.items()})

    def apply(self, plan: Plan) -> Mapping[str, Any]:
        """Replace the files, each at once and with the owner and mode that it has."""
        for step in plan.steps:
            path, text = step.arguments["path"], step.arguments["text"]
            stored = self.files.read(path)
            self.files.write(path, text, KEEP, mode=stored.mode if stored else _NEW_MODE, backup=False)
        return {}


def build(module: AnsibleModule, redactor: Redactor) -> FileLines:
    """The operation that the module's parameters describe."""
    del redactor
    return FileLines([_line(**entry) for entry in module.params["lines"]], LocalFiles())


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
