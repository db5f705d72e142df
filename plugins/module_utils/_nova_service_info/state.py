# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What one look at Nova finds."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._clients.nova_api import Fleet
from .._engine.errors import UnreachableError


@dataclass(frozen=True)
class State:
    """All services and hypervisors. ``silence``: the error of an API that did not answer; then there are none."""

    fleet: Fleet = field(default_factory=Fleet)
    silence: UnreachableError | None = None
