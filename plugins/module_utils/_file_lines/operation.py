# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operation behind ``file_lines``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._engine.files import FileStore, LocalFiles, make_folder
from .._engine.operation import Operation, Task
from .._engine.plan import Plan
from .parameters import Desired, desired
from .plan import plan
from .state import State


@dataclass
class FileLines(Operation[Desired, State, FileStore]):
    """Single lines of any number of files, whole files, and symbolic links."""

    decide = staticmethod(plan)

    def read(self) -> State:
        """The files that exist, and the links."""
        stored = {path: self.client.read(path) for path in self.desired.paths}
        leads = {link.path: self.client.target(link.path) for link in self.desired.links}
        return State(
            {path: file for path, file in stored.items() if file is not None},
            {path: target for path, target in leads.items() if target is not None},
        )

    def apply(self, current: State, plan: Plan[FileStore]) -> Mapping[str, Any]:
        """Write the files."""
        for path in plan.result["paths_changed"]:
            make_folder(path)
        super().apply(current, plan)
        return {}


def build(task: Task) -> FileLines:
    """The operation that the module's parameters describe."""
    return FileLines(desired(task.params), LocalFiles())
