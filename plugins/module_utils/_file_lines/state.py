# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``file_lines`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.files import StoredFile


@dataclass(frozen=True)
class State:
    """Those of the files that exist, by path, and where those of the links lead that are there."""

    files: Mapping[str, StoredFile] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The file's text; "" where there is no file."""
        return self.files[path].text if path in self.files else ""
