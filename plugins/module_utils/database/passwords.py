# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a password belongs to the authentication string that the server keeps, checked without a login."""

from __future__ import annotations

import hashlib
import hmac

_CRYPT_ALPHABET = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CACHING_SHA2_SALT = 20


def matches(plugin: str, stored: str, password: str) -> bool | None:
    """Whether ``stored`` was made from ``password``; None where the plugin's way of storing is not known."""
    if plugin == "mysql_native_password":
        return hmac.compare_digest(stored.upper().encode(), _native(password).encode())
    if plugin == "caching_sha2_password":
        return _caching_sha2_matches(stored, password)
    return None


def deterministic(plugin: str) -> bool:
    """Whether the same password always makes the same authentication string."""
    return plugin in ("mysql_native_password", "ed25519")


def _native(password: str) -> str:
    if not password:
        return ""
    return "*" + hashlib.sha1(hashlib.sha1(password.encode()).digest()).hexdigest().upper()


def _caching_sha2_matches(stored: str, password: str) -> bool | None:
    """``$A$005$``, 20 characters of salt, 43 of SHA-256 crypt with 1000 rounds for each count of the 005."""
    if not stored or not password:
        return stored == password
    fields = stored.split("$", 3)
    if len(fields) != 4 or fields[:2] != ["", "A"]:
        return None
    salt, digest = fields[3][:_CACHING_SHA2_SALT], fields[3][_CACHING_SHA2_SALT:]
    made = sha256_crypt(password.encode(), salt.encode(), int(fields[2], 16) * 1000)
    return hmac.compare_digest(made.encode(), digest.encode())


def sha256_crypt(password: bytes, salt: bytes, rounds: int) -> str:
    """The digest part of Unix crypt's ``$5$`` scheme (which Python has no more); salts of any length."""
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
