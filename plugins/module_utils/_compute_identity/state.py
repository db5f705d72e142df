# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``compute_identity`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .._engine.files import StoredFile
from .._formats.x509 import Certificate, Trust


@dataclass(frozen=True)
class State:
    """The host's files by path, and what they stand for.

    ``trust`` is what the host shall believe. ``certificate`` is the one in use, ``offered`` the one that may take its
    place: just issued for the pending key, or the site's. ``request`` is the signing request for the pending key (""
    where none is pending). ``user_key`` is the public SSH key of Nova's user ("" without one), ``host_keys`` are those
    of the host. ``now`` is in UTC.
    """

    trust: Trust
    now: datetime = datetime.min
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    certificate: Certificate | None = None
    offered: Certificate | None = None
    request: str = ""
    user_key: str = ""
    host_keys: tuple[str, ...] = ()

    def text(self, path: str) -> str:
        """The text of a file; "" where there is none."""
        return self.files[path].text if path in self.files else ""
