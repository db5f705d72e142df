# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``service_units`` needs of systemd."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from ..clients.systemd import Unit


class ServiceManager(Protocol):
    """Reads units and changes them; ``clients.systemd.Systemd`` is the real one."""

    def units(self, names: Sequence[str]) -> Mapping[str, Unit]:
        """The units under the names given; those that are not installed say so."""

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        """Run a systemctl verb to its end over all the names at once."""

    def log_tail(self, names: Sequence[str]) -> str:
        """The last lines that the units' processes logged."""

    def modification_times(self, paths: Sequence[str]) -> Mapping[str, float]:
        """The Unix times of the last change of those of the files that exist."""
