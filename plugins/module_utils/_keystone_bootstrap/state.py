# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Keystone has of keys, and whether its administrator can log in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class KeyRepository:
    """A directory of keys: files named by numbers, of which 0 is the next to be used.

    ``setup`` is the command of keystone-manage that makes the first ones, ``section`` the one of keystone.conf
    whose option key_repository names the directory.
    """

    setup: str
    section: str
    path: str
    keys: tuple[int, ...] = ()


# Where Keystone expects them if its configuration does not say otherwise.
DEFAULT_REPOSITORIES = (
    KeyRepository("fernet_setup", "fernet_tokens", "/etc/keystone/fernet-keys"),
    KeyRepository("credential_setup", "credential", "/etc/keystone/credential-keys"),
)


@dataclass(frozen=True)
class Access:
    """What authentication as the administrator on the project gave."""

    user_id: str
    project_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class State:
    """What a stage looks at: the repositories of keys, or the administrator's access (None: refused)."""

    repositories: tuple[KeyRepository, ...] = ()
    access: Access | None = None
