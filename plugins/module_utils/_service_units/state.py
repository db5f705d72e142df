# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``service_units`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._clients.systemd import Unit
from .watched import StartNote, Watched


@dataclass(frozen=True)
class State:
    """The units by name, what the entries of ``watch`` stand for, and what is noted of the units' starts."""

    units: Mapping[str, Unit] = field(default_factory=dict)
    watched: Mapping[str, Watched] = field(default_factory=dict)
    notes: Mapping[str, StartNote] = field(default_factory=dict)

    def unit(self, name: str) -> Unit:
        """The unit; one that systemd does not know is not installed."""
        return self.units.get(name, Unit())
