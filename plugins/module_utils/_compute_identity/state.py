# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``compute_identity`` reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class State:
    """Public SSH keys: that of Nova's user ("" without one), and those of the host."""

    user_key: str = ""
    host_keys: tuple[str, ...] = ()
