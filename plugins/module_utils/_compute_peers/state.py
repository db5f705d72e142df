# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``compute_peers`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.files import StoredFile


@dataclass(frozen=True)
class State:
    """The home of Nova's user, the files in it and beside it by path, and the receiver as it is to be installed."""

    home: str
    receiver: str
    files: Mapping[str, StoredFile] = field(default_factory=dict)

    def text(self, path: str) -> str:
        """The text of a file; "" where there is none."""
        return self.files[path].text if path in self.files else ""
