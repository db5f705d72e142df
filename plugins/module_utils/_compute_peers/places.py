# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where OpenSSH's configuration and its keys are."""

from __future__ import annotations

# What a peer's key starts, whatever it asks for.
RECEIVER = "/usr/local/lib/stackwright/receive-instance-files"


def authorized_keys(home: str) -> str:
    """Whose keys open what."""
    return f"{home}/.ssh/authorized_keys"


def known_hosts(home: str) -> str:
    """The peers' own keys."""
    return f"{home}/.ssh/known_hosts"


def client_config(home: str) -> str:
    """How the peers are reached."""
    return f"{home}/.ssh/config"
