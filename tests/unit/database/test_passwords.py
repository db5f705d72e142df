# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils.database import passwords

# What libcrypt makes of these ("$5$rounds=...$salt$").
SHA_CRYPT = [
    ("Hello world!", b"saltstring", 5000, "5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("Hello world!", b"saltstringsaltst", 10000, "3xv.VbSHBb41AL9AvLeujZkZRBAwqFMz2.opqey6IcA"),
    ("This is just a test", b"toolongsaltstrin", 5000, "Un/5jzAHMgOGZ5.mWJpuVolil07guHPvOW8mGRcvxa5"),
    ("pässwörd", b"0123456789abcdef", 5000, "spDqErTuRkJk.7971KjbjahW1SJ1JGUutlqu5csbQMA"),
    ("x" * 70, b"salt", 1000, "9ygFvSB9q7MhSY0QM3eyGMw5y1Bur861yB1tBtPX252"),
]


@pytest.mark.parametrize(("password", "salt", "rounds", "digest"), SHA_CRYPT)
def test_sha256_crypt(password: str, salt: bytes, rounds: int, digest: str) -> None:
    assert passwords.sha256_crypt(password.encode(), salt, rounds) == digest


def test_native_password() -> None:
    stored = "*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19"
    assert passwords.matches("mysql_native_password", stored, "password") is True
    assert passwords.matches("mysql_native_password", stored.lower(), "password") is True
    assert passwords.matches("mysql_native_password", stored, "passwore") is False
    assert passwords.matches("mysql_native_password", "", "password") is False
    assert passwords.matches("mysql_native_password", "", "") is True


def test_caching_sha2_password() -> None:
    salt = "abcdefghij0123456789"
    stored = f"$A$005${salt}{passwords.sha256_crypt('pässwörd'.encode(), salt.encode(), 5000)}"
    assert passwords.matches("caching_sha2_password", stored, "pässwörd") is True
    assert passwords.matches("caching_sha2_password", stored, "password") is False
    assert passwords.matches("caching_sha2_password", "", "password") is False
    made_by_mysql_9 = "$A$00A$&\x1fKEnb\x1fUXQ3\x02o=(\x7feva3kFYMPczTOVRQRtaik3aR0C5/edvJOHoTWLBZRO1yLvA"
    assert passwords.matches("caching_sha2_password", made_by_mysql_9, "\u3000wide\xa0") is True
    assert passwords.matches("caching_sha2_password", made_by_mysql_9, "\u3000wide") is False
    assert passwords.matches("caching_sha2_password", "something else", "password") is None


@pytest.mark.parametrize("plugin", ["ed25519", "parsec", "unix_socket", "pam", ""])
def test_other_plugins_cannot_tell(plugin: str) -> None:
    assert passwords.matches(plugin, "whatever", "password") is None
