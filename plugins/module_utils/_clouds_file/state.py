# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``clouds_file`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class State:
    """The file as YAML has it, and its permission bits; {} and None where there is no file."""

    document: Mapping[str, Any] = field(default_factory=dict)
    mode: int | None = None

    @property
    def clouds(self) -> Mapping[str, Any]:
        """The clouds of the file, by name."""
        return self.document.get("clouds") or {}
