# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``host_info`` sees on a host."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SeenCertificate:
    """A certificate file: whom it is for, and its end (UTC, ISO 8601); or the ``problem`` with reading it."""

    path: str
    subject: str = ""
    names: tuple[str, ...] = ()
    until: str = ""
    problem: str = ""


@dataclass(frozen=True)
class State:
    """Installed packages with their versions, and the certificates that are there."""

    packages: Mapping[str, str] = field(default_factory=dict)
    certificates: tuple[SeenCertificate, ...] = ()
