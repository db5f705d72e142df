# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``keystone_keys`` reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Keys = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class State:
    """The keys of each directory, by their numbers, {} where there are none; ``open``: files that others may read."""

    keys: Keys = field(default_factory=dict, repr=False)
    open: tuple[str, ...] = ()
