# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found in a cloud."""

from __future__ import annotations

from dataclasses import dataclass

from ..engine.proof import Part


@dataclass(frozen=True)
class State:
    """The cloud, by the URL of its Keystone, and the parts of the proof in order."""

    cloud: str
    parts: tuple[Part, ...]
