# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a password belongs to the authentication string that the server keeps, checked without a login."""

from __future__ import annotations

import base64
import hashlib
import hmac

from . import ed25519

_CRYPT_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CACHING_SHA2_SALT = 20


def matches(plugin: str, stored: str, password: str) -> bool | None:
    """Whether ``stored`` was made from ``password``; None where the plugin's way of storing is not known."""
    check = _CHECKS.get(plugin)
    if check is None:
        return None
    if not stored or not password:
        return stored == password
    try:
        return check(stored, password)
    except ValueError:
        return None


def _native_matches(stored: str, password: str) -> bool:
    return hmac.compare_digest(stored.upper().encode(), _native(password).encode())


def _ed25519_matches(stored: str, password: str) -> bool:
    """The public key of the password, in base64 without its padding."""
    return hmac.compare_digest(_key(stored), ed25519.public_key(password.encode()))


def _parsec_matches(stored: str, password: str) -> bool:
    """``P``, the binary logarithm of the rounds / 1024, ``:salt:key``: the public key of a stretched password."""
    header, salt, key = stored.split(":")
    rounds = 1024 << int(header[1:], 16)
    secret = hashlib.pbkdf2_hmac("sha512", password.encode(), base64.b64decode(salt), rounds, 32)
    return hmac.compare_digest(_key(key), ed25519.public_key(secret))


def _sha256_matches(stored: str, password: str) -> bool:
    """``$5$salt$`` and 43 characters of SHA-256 crypt with its usual 5000 rounds."""
    _start, _kind, salt, digest = stored.split("$")
    return hmac.compare_digest(sha256_crypt(password.encode(), salt.encode(), 5000).encode(), digest.encode())


def _key(text: str) -> bytes:
    """The 32 bytes of a key; ValueError where the text is none."""
    key = base64.b64decode(f"{text}=", validate=True)
    if len(key) != 32:
        raise ValueError(text)
    return key


def _native(password: str) -> str:
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


def _caching_sha2_matches(stored: str, password: str) -> bool:
    """``$A$005$``, 20 characters of salt, 43 of SHA-256 crypt with 1000 rounds for each count of the 005."""
    _start, _kind, count, rest = stored.split("$", 3)
    salt, digest = rest[:_CACHING_SHA2_SALT], rest[_CACHING_SHA2_SALT:]
    made = sha256_crypt(password.encode(), salt.encode(), int(count, 16) * 1000)
    return hmac.compare_digest(made.encode(), digest.encode())


def sha256_crypt(password: bytes, salt: bytes, rounds: int) -> str:
    """The digest part of Unix crypt's ``$5$`` scheme, with salts of any length and any bytes, as MySQL makes them.

    Libraries (libcrypt, passlib, OpenSSL) take at most 16 characters of salt, and not every one.
    """
    alternate = hashlib.sha256(password + salt + password).digest()
    start = hashlib.sha256(password + salt + _stretched(alternate, len(password)))
    bits = len(password)
    while bits:
        start.update(alternate if bits & 1 else password)
        bits >>= 1
    digest = start.digest()
    p_bytes = _stretched(hashlib.sha256(password * len(password)).digest(), len(password))
    s_bytes = _stretched(hashlib.sha256(salt * (16 + digest[0])).digest(), len(salt))
    for turn in range(rounds):
        step = hashlib.sha256(p_bytes if turn & 1 else digest)
        if turn % 3:
            step.update(s_bytes)
        if turn % 7:
            step.update(p_bytes)
        step.update(digest if turn & 1 else p_bytes)
        digest = step.digest()
    return _crypt_base64(digest)


def _stretched(digest: bytes, length: int) -> bytes:
    return (digest * (length // len(digest) + 1))[:length]


def _crypt_base64(digest: bytes) -> str:
    first, second, third = 0, 10, 20
    text = ""
    for _group in range(10):
        text += _characters(digest[first] << 16 | digest[second] << 8 | digest[third], 4)
        first, second, third = third + 1, first + 1, second + 1
    return text + _characters(digest[31] << 8 | digest[30], 3)


def _characters(value: int, count: int) -> str:
    return "".join(_CRYPT_ALPHABET[value >> 6 * place & 63] for place in range(count))


_CHECKS = {
    "caching_sha2_password": _caching_sha2_matches,
    "ed25519": _ed25519_matches,
    "mysql_native_password": _native_matches,
    "parsec": _parsec_matches,
    "sha256_password": _sha256_matches,
}

PLUGINS = frozenset(_CHECKS)
"""The authentication plugins with passwords whose way of storing them is known."""
