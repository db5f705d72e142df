# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_login`` finds out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .._clients.amqp import Outcome


@dataclass(frozen=True)
class State:
    """What each broker said to the login, by host."""

    outcomes: Mapping[str, Outcome]
