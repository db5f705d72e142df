# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.stackwright.nova.plugins.module_utils._nova_db import ed25519, passwords
from nacl.signing import SigningKey

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


def test_sha256_password() -> None:
    made_by_mysql_9 = "$5$+\x11bVTQ\r%KO#>(@+\n\x1dhGb$xgqgH71vnPJ/J7BNWiI.A8apF6Yp2tWpjUXrfo0LhF4"
    assert passwords.matches("sha256_password", made_by_mysql_9, "secret") is True
    assert passwords.matches("sha256_password", made_by_mysql_9, "Secret") is False


@pytest.mark.parametrize(
    ("plugin", "made_by_mariadb"),
    [
        ("ed25519", "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"),
        ("parsec", "P0:yJgYv+3T5dwmn6KrTkKe/75J:FFadGbvvTvZoKrLqjXd5hJw4vyh0Pjq3nP5ULfut1xk"),
    ],
)
def test_public_keys(plugin: str, made_by_mariadb: str) -> None:
    assert passwords.matches(plugin, made_by_mariadb, "secret") is True
    assert passwords.matches(plugin, made_by_mariadb, "Secret") is False


@pytest.mark.parametrize("secret", [b"", b"s" * 32, bytes(range(32)), b"\xff" * 32])
def test_the_public_key_is_that_of_libsodium(secret: bytes) -> None:
    secret = secret.rjust(32, b"\0")
    assert ed25519.public_key(secret) == bytes(SigningKey(secret).verify_key)


@pytest.mark.parametrize("plugin", ["unix_socket", "pam", ""])
def test_other_plugins_cannot_tell(plugin: str) -> None:
    assert passwords.matches(plugin, "whatever", "password") is None


@pytest.mark.parametrize("plugin", ["ed25519", "parsec", "sha256_password"])
@pytest.mark.parametrize("stored", ["whatever", "P0:c2FsdA==:a2V5", "$5$", "P0:x:y:z"])
def test_another_form_cannot_tell(plugin: str, stored: str) -> None:
    assert passwords.matches(plugin, stored, "password") is None
