# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``hw_accel_fact``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARGUMENTS: dict[str, Any] = {
    "probe": {"type": "str", "choices": ["flags", "device", "guest"], "default": "device"},
    "timeout": {"type": "float", "default": 10},
}


@dataclass(frozen=True)
class Desired:
    """How far to look: "flags", "device" or "guest"; ``timeout`` limits the throwaway guest, in seconds."""

    probe: str = "device"
    timeout: float = 10.0


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as they are."""
    return Desired(params["probe"], params["timeout"])
