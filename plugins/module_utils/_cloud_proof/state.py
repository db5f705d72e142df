# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found in a cloud."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._engine.proof import Part


@dataclass(frozen=True)
class State:
    """The cloud, by the URL of its Keystone, the parts of the proof in order, and what they were judged by.

    ``catalog`` and ``agents`` are as the APIs have them; no agents where nobody asked for them.
    """

    cloud: str
    parts: tuple[Part, ...]
    catalog: Sequence[Mapping[str, Any]] = ()
    agents: Sequence[Mapping[str, Any]] = ()
