# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a proof finds in the cloud before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .resources import Resource


@dataclass(frozen=True)
class State:
    """What earlier proofs left, and what this one builds on.

    ``image`` and ``external_network`` are as the APIs describe them, None where none is used. ``missing_files``
    are paths of the guest that are not on this host. ``available`` are the compute hosts that are up and enabled, read
    only where an instance shall move.
    """

    leftovers: tuple[Resource, ...] = ()
    image: Mapping[str, Any] | None = None
    external_network: Mapping[str, Any] | None = None
    missing_files: tuple[str, ...] = ()
    available: tuple[str, ...] = ()
