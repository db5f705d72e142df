# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``service_units`` needs of systemd and of the files that units read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from .._clients.systemd import Unit
from .watched import StartNote, Watched


class ServiceManager(Protocol):
    """Reads units and changes them; ``clients.systemd.Systemd`` is the real one."""

    def units(self, names: Sequence[str]) -> Mapping[str, Unit]:
        """The units under the names given; those that are not installed say so."""

    def systemctl(self, verb: str, names: Sequence[str] = ()) -> None:
        """Run a systemctl verb to its end over all the names at once."""

    def logs(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """The last lines that the units' processes logged, by where they are."""


class WatchedFiles(Protocol):
    """Reads what units watch, and keeps what their processes read; ``HostFiles`` is the real one."""

    def watched(self, entries: Sequence[str]) -> Mapping[str, Watched]:
        """What the entries of ``watch`` stand for."""

    def notes(self, units: Sequence[str]) -> Mapping[str, StartNote]:
        """What is noted of the starts of these units, as far as it is."""

    def write_note(self, unit: str, note: StartNote) -> None:
        """Note what the unit's process read at its start; where that cannot be written, nothing happens."""
