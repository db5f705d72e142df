# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task asks of ``host_info``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ARGUMENTS: dict[str, Any] = {
    "packages": {"type": "list", "elements": "str", "default": []},
    "certificates": {"type": "list", "elements": "path", "default": []},
}


@dataclass(frozen=True)
class Desired:
    """Names of packages, and paths of certificates (PEM); those that the host does not have are left out."""

    packages: tuple[str, ...]
    certificates: tuple[str, ...]


def desired(params: Mapping[str, Any]) -> Desired:
    """From the module's parameters, each once."""
    return Desired(tuple(dict.fromkeys(params["packages"])), tuple(dict.fromkeys(params["certificates"])))
