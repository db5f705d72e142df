# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the broker exports, read for one user and one vhost."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.definitions import state
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user.state import (
    BrokerUser,
    Permissions,
    State,
)

DEFINITIONS = {
    "users": [
        {"name": "guest", "password_hash": "x", "tags": "administrator,monitoring", "limits": {}},
        {
            "name": "nova",
            "password_hash": "y",
            "hashing_algorithm": "rabbit_password_hashing_sha512",
            "tags": ["a"],
        },
        {"name": "plain", "password_hash": "z", "tags": ""},
    ],
    "vhosts": [{"name": "/"}, {"name": "/cell"}],
    "permissions": [{"user": "nova", "vhost": "/cell", "configure": "c", "write": "w", "read": "r"}],
}
NOVA = BrokerUser(("a",), "y", "rabbit_password_hashing_sha512")


@pytest.mark.parametrize(
    ("user", "vhost", "expected", "permissions"),
    [
        ("guest", "/", BrokerUser(("administrator", "monitoring"), "x"), None),
        ("nova", "/cell", NOVA, Permissions("c", "w", "r")),
        ("nova", "/", NOVA, None),
        ("plain", "/", BrokerUser((), "z"), None),
        ("nobody", "/", None, None),
    ],
)
def test_definitions(
    user: str, vhost: str, expected: BrokerUser | None, permissions: Permissions | None
) -> None:
    names = frozenset({"guest", "nova", "plain"})
    assert state(DEFINITIONS, user, vhost) == State(
        frozenset({"/", "/cell"}), expected, permissions, names=names
    )
