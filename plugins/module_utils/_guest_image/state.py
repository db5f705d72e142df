# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is there of a guest, and what the host could build one of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """``recipe``: what the files were built by, "" unless all are there; ``architecture``: dpkg's, "" without it."""

    recipe: str = ""
    architecture: str = ""
