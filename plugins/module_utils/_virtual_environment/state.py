# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is on the host of a virtual environment and its company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .._engine.files import StoredFile


@dataclass(frozen=True)
class State:
    """What was read.

    ``digest`` is that of the lock that the environment was installed from, "" where it is not there or not whole.
    ``links``: where symbolic links lead, "" for something else in their place. ``accounts``: user to its groups.
    ``folders``: owner, group and mode. ``files`` are those that there are, by path; ``sources`` the texts of files in
    the environment.
    """

    digest: str = ""
    links: Mapping[str, str] = field(default_factory=dict)
    accounts: Mapping[str, frozenset[str]] = field(default_factory=dict)
    folders: Mapping[str, tuple[str, str, int]] = field(default_factory=dict)
    files: Mapping[str, StoredFile] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, str] = field(default_factory=dict)
