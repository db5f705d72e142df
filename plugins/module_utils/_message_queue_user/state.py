# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``message_queue_user`` reads."""

from __future__ import annotations

from dataclasses import dataclass, field

from .passwords import DEFAULT_ALGORITHM


@dataclass(frozen=True)
class Permissions:
    """Regular expressions of the names that a user may configure, write to and read from in one vhost."""

    configure: str = ".*"
    write: str = ".*"
    read: str = ".*"


@dataclass(frozen=True)
class BrokerUser:
    """A user as the broker keeps it."""

    tags: tuple[str, ...] = ()
    password_hash: str = field(default="", repr=False)
    hashing_algorithm: str = DEFAULT_ALGORITHM


@dataclass(frozen=True)
class State:
    """The vhosts, the user and its permissions in one vhost (None where there are none), the names of all users.

    ``login`` says whether the broker let the user in with the desired password: None where that was not tried.
    """

    vhosts: frozenset[str] = frozenset()
    user: BrokerUser | None = None
    permissions: Permissions | None = None
    login: bool | None = None
    names: frozenset[str] = frozenset()
