# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the host of an account lets in."""

from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db.host_pattern import matches


@pytest.mark.parametrize(
    ("pattern", "client", "matched"),
    [
        ("%", "10.0.0.9", True),
        ("%", "localhost", True),
        ("localhost", "localhost", True),
        ("localhost", "10.0.0.9", False),
        ("10.0.0.%", "10.0.0.9", True),
        ("10.0.0.%", "10.0.1.9", False),
        ("10.0.0._", "10.0.0.9", True),
        ("10.0.0._", "10.0.0.19", False),
        ("10.0.0.9", "10.0.0.9", True),
        ("10x0.0.9", "10.0.0.9", False),
        ("Controller1", "controller1", True),
        ("%.example.org", "controller1.example.org", True),
        ("10.0.0.0/255.255.255.0", "10.0.0.9", True),
        ("10.0.0.0/255.255.255.0", "10.0.1.9", False),
        ("10.0.0.0/255.255.255.0", "controller1", False),
        ("2001:db8::%", "2001:db8::11", True),
    ],
)
def test_patterns(pattern: str, client: str, matched: bool) -> None:
    assert matches(pattern, client) is matched
