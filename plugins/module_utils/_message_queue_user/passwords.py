# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Passwords as RabbitMQ keeps them: base64 of four bytes of salt and the digest of salt and password."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os

DEFAULT_ALGORITHM = "rabbit_password_hashing_sha256"

_DIGESTS = {
    DEFAULT_ALGORITHM: "sha256",
    "rabbit_password_hashing_sha512": "sha512",
    "rabbit_password_hashing_md5": "md5",
}
_SALT_LENGTH = 4


def new_hash(password: str) -> str:
    """A fresh hash for ``DEFAULT_ALGORITHM``."""
    return _hash(password, os.urandom(_SALT_LENGTH), _DIGESTS[DEFAULT_ALGORITHM])


def matches(algorithm: str, password_hash: str, password: str) -> bool | None:
    """Whether ``password_hash`` was made from ``password``; None where the algorithm is not known."""
    if algorithm not in _DIGESTS:
        return None
    salt = base64.b64decode(password_hash)[:_SALT_LENGTH]
    return hmac.compare_digest(_hash(password, salt, _DIGESTS[algorithm]), password_hash)


def _hash(password: str, salt: bytes, digest: str) -> str:
    return base64.b64encode(salt + hashlib.new(digest, salt + password.encode()).digest()).decode()
