# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``compute_identity``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .._shared.certificate_files import ISSUING_ARGUMENTS

ARGUMENTS: dict[str, Any] = {
    "names": {"type": "list", "elements": "str", "required": True},
    "unit": {"type": "str", "default": "Nova Compute"},
    **ISSUING_ARGUMENTS,
    "files": {
        "type": "dict",
        "options": {
            "ca": {"type": "path"},
            "certificate": {"type": "path"},
            "private_key": {"type": "path", "no_log": False},
            "revoked": {"type": "path"},
        },
    },
    "emulator_group": {"type": "str", "required": True},
    "user": {"type": "str", "default": "nova"},
}


@dataclass(frozen=True)
class Desired:
    """A host whose user ``user``, the one that Nova runs as, has an SSH key."""

    user: str = "nova"


def desired(params: Mapping[str, Any]) -> Desired:
    """The arguments as what the host shall have."""
    return Desired(params["user"])
