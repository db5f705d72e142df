# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords as the broker keeps them."""

from __future__ import annotations

import base64
import hashlib

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._message_queue_user import passwords


@pytest.mark.parametrize("digest", ["sha256", "sha512", "md5"])
def test_hashes(digest: str) -> None:
    salt = b"\x01\x02\x03\xff"
    stored = base64.b64encode(salt + hashlib.new(digest, salt + "pässwörd ".encode()).digest()).decode()
    algorithm = f"rabbit_password_hashing_{digest}"
    assert passwords.matches(algorithm, stored, "pässwörd ") is True
    assert passwords.matches(algorithm, stored, "pässwörd") is False
    assert passwords.matches("of_a_plugin", stored, "pässwörd ") is None


def test_new_hashes_are_salted() -> None:
    made = {passwords.new_hash("secret") for _time in range(3)}
    assert len(made) == 3
    assert all(passwords.matches(passwords.DEFAULT_ALGORITHM, each, "secret") for each in made)
    assert not passwords.matches(passwords.DEFAULT_ALGORITHM, made.pop(), "Secret")
