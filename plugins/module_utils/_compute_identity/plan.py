# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Nova's user has an SSH key: a pure decision."""

from __future__ import annotations

from .._engine.errors import CollectionError
from .._engine.plan import Plan, Step, in_order
from .client import KeyStore
from .parameters import Desired
from .state import State

# What check mode hands on in the place of keys that only a real run makes.
UNMADE_KEY = "ssh-ed25519 (made by a real run)"


def plan(desired: Desired, current: State) -> Plan[KeyStore]:
    """Make the key where there is none."""
    creation = Step[KeyStore](
        f"sudo -u {desired.user} ssh-keygen -t ed25519 -N '' -f ~{desired.user}/.ssh/id_ed25519",
        lambda store: store.create_user_key(desired.user),
    )
    return Plan(
        stages=in_order(() if current.user_key else (creation,)),
        before={"ssh_key": "present" if current.user_key else "absent"},
        after={"ssh_key": "present"},
        result={"public_key": current.user_key or UNMADE_KEY, "host_keys": list(current.host_keys)},
        unmet=() if current.host_keys else (_no_ssh_server(),),
    )


def _no_ssh_server() -> CollectionError:
    return CollectionError(
        "find",
        "host keys of",
        "the SSH server",
        "there are no /etc/ssh/ssh_host_*_key.pub",
        "Install openssh-server: Nova copies the files of stopped instances over SSH",
        code="not_found",
    )
